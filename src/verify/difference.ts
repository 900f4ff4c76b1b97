/** Where two streams part, and at what: see `diagnose`. */
export interface Difference {
  readonly epoch: number;
  readonly batch: number;
  readonly row?: number;
  /** Of the sample in that row. */
  readonly key?: string;
  readonly stage: DifferenceStage;
  readonly operator?: string;
  readonly kernel?: string;
  readonly detail: string;
}

/** Of the way of a sample into a batch, the first step that comes out differently. */
export type DifferenceStage =
  /** Keys, labels and lengths of the samples. */
  | 'dataset'
  /** Which batches there are, and which samples stand in them. */
  | 'order'
  | 'label'
  /** Bad samples and what stands in for them. */
  | 'substitution'
  /** Reading and decoding. */
  | 'decode'
  | 'draw'
  /** From drawn values to kernel calls. */
  | 'lower'
  /** An image operator's kernels. */
  | 'image'
  | 'normalize'
  /** Erasing parts of a normalised image, before it is mixed or after. */
  | 'erase'
  | 'mix'
  /** What is delivered is not what was digested. */
  | 'delivery'
  /** The rolling digest alone. */
  | 'digest'
  /** Of a training, not of the stream. */
  | 'weights'
  /** The run ended with an error. */
  | 'error'
  /** Made again, alone, the row is the same. */
  | 'unknown';
