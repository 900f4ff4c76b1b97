import { flipCall } from '../../backends/kernels/gather/calls.ts';
import { defineOperator } from '../operator.ts';

/**
 * Flips the image top to bottom with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomVerticalFlip.
 */
export const randomVerticalFlip = defineOperator({
  name: 'randomVerticalFlip',
  module: import.meta.url,
  parameters: { probability: { min: 0, max: 1, unit: 'probability', default: 0.5 } },
  neutral: { probability: 0 },
  draw: ({ probability }, rng) => ({ flip: rng.chance(probability) }),
  describe: ({ flip }) => [flip ? 'flipped upside down' : 'not flipped'],
  lower: ({ flip }, size) => (flip ? [flipCall(size)] : []),
});
