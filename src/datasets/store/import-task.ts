import type { ReaderDescription } from '../dataset.ts';
import type { Reduction } from './metadata.ts';
import type { RecordKind } from './record.ts';

/** What an importing thread is told once. */
export interface ImportSetup {
  readonly reader: ReaderDescription;
  readonly reduction: Reduction | undefined;
  /** Larger images are stored as they came. */
  readonly maxPixels: number;
}

/** Samples to read and to make records of. */
export interface ImportTask {
  readonly samples: readonly ImportSample[];
}

export interface ImportSample {
  readonly key: string;
  readonly label: number;
  readonly locator: unknown;
}

/** Made of one sample; a task's result has them in the order of its samples. */
export interface NewRecord {
  readonly record: Uint8Array;
  readonly kind: RecordKind;
  /** Why the image was not cut into intervals. */
  readonly reason?: string;
}
