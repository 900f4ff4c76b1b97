import { affine } from '../../backends/kernels/affine/affine.ts';
import { translationParameter, warpParameters } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';

/**
 * Moves the image down (negative: up) by so many pixels; 0 leaves it unchanged.
 *
 * image: u8 [h, w, 3], same size. Pillow's Image.transform(AFFINE, (1, 0, 0, 0, 1, -pixels));
 * bilinear and bicubic are within 1 level of it.
 */
export const translateY = defineOperator({
  name: 'translateY',
  module: import.meta.url,
  parameters: { pixels: translationParameter, ...warpParameters },
  neutral: { pixels: 0 },
  lower: ({ pixels, interpolation, fill }, size) =>
    affine({ matrix: [1, 0, 0, 0, 1, -pixels], interpolation, fill }, size),
});
