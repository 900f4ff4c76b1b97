import { defineCombinator } from '../combinator.ts';
import { invalidParameter } from '../parameters.ts';

/**
 * Applies one of the steps, each as often, or as often as its weight says: `randomChoice([invert(), equalize()])`.
 * Weights are one number a step and need not add up to 1.
 *
 * image: u8 [h, w, 3], of the size that the step gives; where steps fix it, they must fix the same. torchvision's
 * RandomChoice.
 */
export const randomChoice = defineCombinator({
  name: 'randomChoice',
  module: import.meta.url,
  parameters: {
    steps: { type: 'steps' },
    weights: { type: 'numbers', min: 0, max: 1e6, unit: 'of their sum', optional: true },
  },
  check({ steps, weights }) {
    if (weights === undefined || (weights.length === steps.length && sumOf(weights) > 0)) return;
    throw invalidParameter(
      'randomChoice',
      'weights',
      `one number a step (${steps.length}), not all 0`,
      weights,
    );
  },
  choose: ({ steps, weights }, rng) => [
    weights === undefined
      ? rng.integer(steps.length)
      : weightedIndex(weights, rng.uniform(0, sumOf(weights))),
  ],
  endsWithAny: true,
});

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The index in whose share of the weights `position` lies. */
function weightedIndex(weights: readonly number[], position: number): number {
  let end = 0;
  const index = weights.findIndex((weight) => {
    end += weight;
    return position < end;
  });
  // rounding may put the position at the very end
  return index === -1 ? weights.findLastIndex((weight) => weight > 0) : index;
}
