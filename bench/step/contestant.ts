/** A model and a batch of random images on which it is trained, the same for all contestants. */
export interface StepWork {
  readonly variant: 'nano' | 'b0';
  readonly resolution: number;
  readonly rows: number;
  readonly classes: number;
}

export interface StepTime {
  readonly milliseconds: number;
  /** Processor time of the whole process: it does not count what other programs take of a busy machine. */
  readonly processorMs: number;
}

/** Something that trains: each step is forward, backward and an update by SGD. */
export interface StepContestant {
  readonly name: string;
  readonly threads: number;
  /** Number of the model's parameters: contestants with another number do not train the same model. */
  readonly parameters: number;
  run(steps: number): Promise<StepTime[]>;
  close(): Promise<void>;
}
