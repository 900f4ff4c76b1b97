import { mirrorCall } from '../../backends/kernels/resample/calls.ts';
import { defineOperator } from '../operator.ts';

/**
 * Flips the image left to right.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageOps.mirror.
 */
export const horizontalFlip = defineOperator({
  name: 'horizontalFlip',
  module: import.meta.url,
  parameters: {},
  lower: (_, size) => [mirrorCall(size)],
});
