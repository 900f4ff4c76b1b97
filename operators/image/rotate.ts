import { affine, rotation } from '../../backends/kernels/affine/affine.ts';
import { warpParameters } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';

/**
 * Turns the image counter-clockwise (negative: clockwise) about its centre, without making it larger; 0 and 360 leave it
 * unchanged.
 *
 * image: u8 [h, w, 3], same size. Pillow's Image.rotate;
 * bilinear and bicubic are within 1 level of it.
 */
export const rotate = defineOperator({
  name: 'rotate',
  module: import.meta.url,
  parameters: { degrees: { min: -360, max: 360, unit: 'degrees' }, ...warpParameters },
  neutral: { degrees: 0 },
  lower: ({ degrees, interpolation, fill }, size) =>
    affine({ matrix: rotation(degrees, size), interpolation, fill }, size),
});
