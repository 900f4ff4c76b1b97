import { keptByValue } from '../../backends/kernels/kept-by-value.ts';
import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import { defineOperator } from '../operator.ts';

const tablesOf = keptByValue((threshold) => sameTables((v) => (v < threshold ? v : 255 - v)));

/**
 * Inverts the values that are not below `threshold`; 256 leaves the image unchanged, 0 inverts it.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageOps.solarize.
 */
export const solarize = defineOperator({
  name: 'solarize',
  module: import.meta.url,
  parameters: { threshold: { min: 0, max: 256, unit: 'levels' } },
  neutral: { threshold: 256 },
  lower: ({ threshold }) => [lut({ tables: tablesOf(threshold) })],
});
