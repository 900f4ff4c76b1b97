import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import { defineOperator } from '../operator.ts';

const tables = sameTables((v) => 255 - v);

/**
 * Negative of the image: v becomes 255 - v.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageOps.invert.
 */
export const invert = defineOperator({
  name: 'invert',
  module: import.meta.url,
  parameters: {},
  lower: () => [lut({ tables })],
});
