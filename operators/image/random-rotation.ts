import { affine, rotation } from '../../backends/kernels/affine/affine.ts';
import { warpsFilledWithBlack } from '../common-parameters.ts';
import { definePositionalOperator } from '../operator.ts';

/**
 * Turns the image counter-clockwise (negative: clockwise) about its centre by an angle that is uniform in `degrees`, without
 * making it larger: `randomRotation([-30, 30])`. [0, 0] leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomRotation on PIL images;
 * bilinear and bicubic are within 1 level of it.
 */
export const randomRotation = definePositionalOperator('degrees', {
  name: 'randomRotation',
  module: import.meta.url,
  parameters: { degrees: { type: 'range', min: -360, max: 360, unit: 'degrees' }, ...warpsFilledWithBlack },
  neutral: { degrees: [0, 0] },
  draw: ({ degrees, interpolation, fill }, rng) => ({
    degrees: rng.uniform(...degrees),
    interpolation,
    fill,
  }),
  lower: ({ degrees, interpolation, fill }, size) =>
    affine({ matrix: rotation(degrees, size), interpolation, fill }, size),
});
