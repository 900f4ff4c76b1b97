import { defineCombinator } from '../combinator.ts';
import { invalidParameter } from '../parameters.ts';
import { sumOf, weightedIndex } from '../weighted-index.ts';

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
    weights === undefined ? rng.integer(steps.length) : weightedIndex(weights, rng),
  ],
  endsWithAny: true,
});
