import { blurCalls } from '../../backends/kernels/box-blur/calls.ts';
import { defineOperator } from '../operator.ts';

/**
 * Blurs the image with a standard deviation that is uniform in `sigma`; 0 leaves it unchanged. Low and high may be equal.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageFilter.GaussianBlur, whose radius is sigma: three box blurs in each direction, as
 * timm, DeiT, MoCo and DINO blur. torchvision's GaussianBlur sums a true Gaussian and differs.
 */
export const gaussianBlur = defineOperator({
  name: 'gaussianBlur',
  module: import.meta.url,
  parameters: { sigma: { type: 'range', min: 0, max: 100, unit: 'pixels', default: [0.1, 2] } },
  neutral: { sigma: [0, 0] },
  draw: ({ sigma: [low, high] }, rng) => ({ sigma: rng.uniform(low, high) }),
  lower: ({ sigma }) => (sigma === 0 ? [] : blurCalls(sigma)),
});
