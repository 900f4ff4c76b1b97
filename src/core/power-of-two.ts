const LARGEST = 2 ** 30;

/** Whether a value is 1, 2, 4 ... 2^30: halves of so many can be added up by one or by two, to the same sum. */
export const isPowerOfTwo = (value: unknown): boolean =>
  typeof value === 'number' &&
  Number.isInteger(value) &&
  value >= 1 &&
  value <= LARGEST &&
  (value & (value - 1)) === 0;
