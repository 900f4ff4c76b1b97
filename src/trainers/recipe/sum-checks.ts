import { TrainerError } from '../../core/errors.ts';
import { isPowerOfTwo } from '../../core/power-of-two.ts';

/** Throws where a sum is none of so many parts' vectors, which have the expected length. */
export function checkSum(trainer: string, { length }: Float32Array, expected: number, parts: number): void {
  if (length !== expected) {
    const message = `expected a sum of ${expected} values, got ${length}: its parts are of another model or device`;
    throw new TrainerError('SUM_MISMATCH', `${trainer}: applySum: ${message}`);
  }
  if (isPowerOfTwo(parts)) return;
  throw new TrainerError('SUM_MISMATCH', `${trainer}: applySum: parts must be a power of two, got ${parts}`);
}
