/** What every contestant trains: the same images in the same steps. */
export interface RanksWork {
  /** Folder of images. */
  readonly data: string;
  readonly variant: 'nano' | 'b0';
  readonly resolution: number;
  /** Rows of a part, of which a step has `PARTS`. */
  readonly rows: number;
  /** Measured steps, after `WARM_UP` others. */
  readonly steps: number;
}

export const PARTS = 2;
export const WARM_UP = 2;

/** Who trains. */
export interface RanksContestant {
  readonly ranks: 1 | 2;
  /** Of each rank. */
  readonly threads: number;
}

export interface RanksFigures {
  /** Of all ranks together, the stream included. */
  readonly imagesPerSecond: number;
  /** Processor time that an image takes, of all ranks and threads, by what the first rank takes. */
  readonly processorMs: number;
  /** Of the last step: the same for all contestants. */
  readonly loss: number;
}
