import { TrainerError } from '../../core/errors.ts';

/** Throws where a sum is none of the vectors that the trainer's `contribution` gives. */
export function checkSumLength(trainer: string, { length }: Float32Array, expected: number): void {
  if (length === expected) return;
  throw new TrainerError('SUM_LENGTH', `${trainer}: applySum: expected ${expected} values, got ${length}`);
}
