import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import { defineOperator } from '../operator.ts';

/**
 * Spreads the values of each channel so that all levels are about equally frequent. A channel of one value, and an image
 * of fewer than 255 pixels beside its brightest ones, stay as they are.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageOps.equalize.
 */
export const equalize = defineOperator({
  name: 'equalize',
  module: import.meta.url,
  parameters: {},
  lower: () => [statisticsLut({ statistic: Statistic.equalize, factor: 1 })],
});
