import { saturation } from '../../backends/kernels/saturation/saturation.ts';
import { enhancementFactor } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';

/**
 * Strength of the colours: 0 makes the image grey, 1 leaves it unchanged, more makes its colours stronger.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageEnhance.Color.
 */
export const color = defineOperator({
  name: 'color',
  module: import.meta.url,
  parameters: { factor: enhancementFactor },
  neutral: { factor: 1 },
  lower: ({ factor }) => [saturation({ factor })],
});
