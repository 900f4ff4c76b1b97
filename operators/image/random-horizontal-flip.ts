import { mirrorCall } from '../../backends/kernels/resample/calls.ts';
import { defineOperator } from '../operator.ts';

/**
 * Flips the image left to right with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomHorizontalFlip.
 */
export const randomHorizontalFlip = defineOperator({
  name: 'randomHorizontalFlip',
  module: import.meta.url,
  parameters: { probability: { min: 0, max: 1, unit: 'probability', default: 0.5 } },
  neutral: { probability: 0 },
  draw: ({ probability }, rng) => ({ flip: rng.chance(probability) }),
  describe: ({ flip }) => [flip ? 'flipped' : 'not flipped'],
  lower: ({ flip }, size) => (flip ? [mirrorCall(size)] : []),
});
