import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import { defineOperator } from '../operator.ts';

/**
 * Stretches each channel so that its darkest value becomes 0 and its lightest 255. A channel of one value stays.
 * As in Pillow, rounding makes the lightest value 254 for some ranges.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageOps.autocontrast without cutoff.
 */
export const autoContrast = defineOperator({
  name: 'autoContrast',
  module: import.meta.url,
  parameters: {},
  lower: () => [statisticsLut({ statistic: Statistic.autoContrast, factor: 1 })],
});
