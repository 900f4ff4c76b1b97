import { affine } from '../../backends/kernels/affine/affine.ts';
import { shearParameter, warpParameters } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';

/**
 * Moves each column up or down in proportion to its distance from the left: the pixel at (x, y) comes from
 * (x, y + shear * x). 0 leaves the image unchanged; positive moves content up.
 *
 * image: u8 [h, w, 3], same size. Pillow's Image.transform(AFFINE, (1, 0, 0, shear, 1, 0));
 * bilinear and bicubic are within 1 level of it.
 */
export const shearY = defineOperator({
  name: 'shearY',
  module: import.meta.url,
  parameters: { shear: shearParameter, ...warpParameters },
  neutral: { shear: 0 },
  lower: ({ shear, interpolation, fill }, size) =>
    affine({ matrix: [1, 0, 0, shear, 1, 0], interpolation, fill }, size),
});
