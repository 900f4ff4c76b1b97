import { saturation } from '../../backends/kernels/saturation/saturation.ts';
import { defineOperator } from '../operator.ts';

/**
 * Makes the image grey: all channels become the luma, as `color({ factor: 0 })` makes them.
 *
 * image: u8 [h, w, 3], same size. torchvision's Grayscale of three channels, Pillow's convert('L').
 */
export const grayscale = defineOperator({
  name: 'grayscale',
  module: import.meta.url,
  parameters: {},
  lower: () => [saturation({ factor: 0 })],
});
