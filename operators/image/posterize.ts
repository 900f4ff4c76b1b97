import { keptByValue } from '../../backends/kernels/kept-by-value.ts';
import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import { defineOperator } from '../operator.ts';

const tablesOf = keptByValue((bits) => sameTables((v) => v & (256 - 2 ** (8 - bits))));

/**
 * Keeps the highest `bits` bits of every value and clears the others; 8 leaves the image unchanged, 0 makes it black.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageOps.posterize (version 13 refuses 0 bits).
 */
export const posterize = defineOperator({
  name: 'posterize',
  module: import.meta.url,
  parameters: { bits: { type: 'integer', min: 0, max: 8, unit: 'bits' } },
  neutral: { bits: 8 },
  lower: ({ bits }) => [lut({ tables: tablesOf(bits) })],
});
