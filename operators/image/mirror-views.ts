import { mirrorCall } from '../../backends/kernels/resample/calls.ts';
import { defineOperator } from '../operator.ts';

/**
 * Flips every second row of a sample left to right: with `views: 2`, the second one. Without views, images stay as they are.
 *
 * image: u8 [h, w, 3], same size. torchvision's functional.hflip.
 */
export const mirrorViews = defineOperator({
  name: 'mirrorViews',
  module: import.meta.url,
  parameters: {},
  draw: (_parameters, _rng, _image, view) => ({ flip: view % 2 === 1 }),
  describe: ({ flip }) => [flip ? 'flipped' : 'not flipped'],
  lower: ({ flip }, size) => (flip ? [mirrorCall(size)] : []),
});
