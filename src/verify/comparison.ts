import type { Difference } from './difference.ts';

/** What was found, and how many rows are equal up to there. */
export interface Comparison {
  readonly rows: number;
  readonly difference: Difference | undefined;
}
