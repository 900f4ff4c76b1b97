/** Places in the state of a loss scale, which is float32. */
export const lossScaleState = {
  scale: 0,
  /** Good updates since the scale last changed. */
  good: 1,
  skipped: 2,
  skippedInARow: 3,
  /** Whether the update just made was skipped: 1 or 0. */
  isSkipped: 4,
} as const;

/** The largest scale that can be doubled in float32. */
export const largestToDouble = 2 ** 127 - 2 ** 103;
