import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import { enhancementFactor } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';

/**
 * Distance of every value from the image's mean luma: 0 makes the image that grey, 1 leaves it unchanged.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageEnhance.Contrast.
 */
export const contrast = defineOperator({
  name: 'contrast',
  module: import.meta.url,
  parameters: { factor: enhancementFactor },
  neutral: { factor: 1 },
  lower: ({ factor }) => [statisticsLut({ statistic: Statistic.contrast, factor })],
});
