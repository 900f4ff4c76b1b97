import { sharpen } from '../../backends/kernels/sharpen/sharpen.ts';
import { enhancementFactor } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';

/**
 * Sharpness: 0 smooths the image, 1 leaves it unchanged, 2 sharpens as much as 0 smooths. The outermost pixels stay.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageEnhance.Sharpness.
 */
export const sharpness = defineOperator({
  name: 'sharpness',
  module: import.meta.url,
  parameters: { factor: enhancementFactor },
  neutral: { factor: 1 },
  lower: ({ factor }) => [sharpen({ factor })],
});
