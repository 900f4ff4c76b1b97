import { defineCombinator } from '../combinator.ts';

/**
 * Applies all of the steps, with the given probability, or none of them: `randomApply([invert()], { probability: 0.2 })`.
 * What the steps draw comes from one generator, step by step, and only where they are applied.
 *
 * image: u8 [h, w, 3], of the size that the steps give. torchvision's RandomApply.
 */
export const randomApply = defineCombinator({
  name: 'randomApply',
  module: import.meta.url,
  parameters: {
    steps: { type: 'steps' },
    probability: { min: 0, max: 1, unit: 'probability', default: 0.5 },
  },
  neutral: { probability: 0 },
  choose: ({ steps, probability }, rng) => (rng.chance(probability) ? [...steps.keys()] : []),
});
