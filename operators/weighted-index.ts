import type { Rng } from '../src/core/random.ts';

/** An index, each as often as its weight says. Weights need not add up to 1, but must not all be 0. */
export function weightedIndex(weights: readonly number[], rng: Rng): number {
  const position = rng.uniform(0, sumOf(weights));
  let end = 0;
  const index = weights.findIndex((weight) => {
    end += weight;
    return position < end;
  });
  // rounding may put the position at the very end
  return index === -1 ? weights.findLastIndex((weight) => weight > 0) : index;
}

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
