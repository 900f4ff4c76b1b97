import { affine } from '../../backends/kernels/affine/affine.ts';
import { shearParameter, warpParameters } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';

/**
 * Moves each row sideways in proportion to its distance from the top: the pixel at (x, y) comes from
 * (x + shear * y, y). 0 leaves the image unchanged; positive moves content to the left.
 *
 * image: u8 [h, w, 3], same size. Pillow's Image.transform(AFFINE, (1, shear, 0, 0, 1, 0));
 * bilinear and bicubic are within 1 level of it.
 */
export const shearX = defineOperator({
  name: 'shearX',
  module: import.meta.url,
  parameters: { shear: shearParameter, ...warpParameters },
  neutral: { shear: 0 },
  lower: ({ shear, interpolation, fill }, size) =>
    affine({ matrix: [1, shear, 0, 0, 1, 0], interpolation, fill }, size),
});
