import type { Batch, RowFacts, Substitution } from '../../core/batch.ts';

/** A batch of the training stream: this rank's rows, and what is known of all rows of the step. */
export interface StepBatch {
  readonly batch: Batch;
  /** Rows of the step, all ranks' together. */
  readonly images: number;
  /** Of all rows of the step, by their places in it. */
  readonly substitutions: readonly Substitution[];
  /** Digest of the stream up to and with the step, where it is computed. */
  readonly digest: string | undefined;
  /** All rows of the step. Every rank asks for them, or none does. */
  readonly rows: () => Promise<RowFacts>;
}
