import { flipCall } from '../../backends/kernels/gather/calls.ts';
import { defineOperator } from '../operator.ts';

/**
 * Flips the image top to bottom.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageOps.flip.
 */
export const verticalFlip = defineOperator({
  name: 'verticalFlip',
  module: import.meta.url,
  parameters: {},
  lower: (_, size) => [flipCall(size)],
});
