import { blend } from '../../backends/kernels/blend.ts';
import { keptByValue } from '../../backends/kernels/kept-by-value.ts';
import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import { enhancementFactor } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';

const tablesOf = keptByValue((factor) => sameTables((v) => blend(0, v, factor)));

/**
 * Brightness: 0 makes the image black, 1 leaves it unchanged, 2 doubles every value.
 *
 * image: u8 [h, w, 3], same size. Pillow's ImageEnhance.Brightness.
 */
export const brightness = defineOperator({
  name: 'brightness',
  module: import.meta.url,
  parameters: { factor: enhancementFactor },
  neutral: { factor: 1 },
  lower: ({ factor }) => [lut({ tables: tablesOf(factor) })],
});
