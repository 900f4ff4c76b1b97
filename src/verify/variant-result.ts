import type { Difference } from './difference.ts';

/** One line of the verdict. */
export interface VariantResult {
  /** What varies. */
  readonly name: string;
  /** The baseline is what the others are compared with. */
  readonly status: 'baseline' | 'pass' | 'skip' | 'fail';
  /** What it compares, where that is not the stream. */
  readonly compares?: 'weights';
  /** Rows that were compared and are equal. */
  readonly rows: number;
  /** Where it was stopped, or why it was left out. */
  readonly note?: string;
  /** Of one that fails: the first. */
  readonly difference?: Difference;
}
