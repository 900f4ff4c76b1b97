import { keptByValue } from '../../backends/kernels/kept-by-value.ts';
import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import { defineOperator } from '../operator.ts';

const tablesOf = keptByValue((amount) => sameTables((v) => (v < 128 ? v + amount : v)));

/**
 * Adds `amount` to the values below 128, up to 255; 0 leaves the image unchanged.
 *
 * image: u8 [h, w, 3], same size. AutoAugment's SolarizeAdd, as NVIDIA's recipe and TensorFlow's have it.
 */
export const solarizeAdd = defineOperator({
  name: 'solarizeAdd',
  module: import.meta.url,
  parameters: { amount: { type: 'integer', min: 0, max: 255, unit: 'levels' } },
  neutral: { amount: 0 },
  lower: ({ amount }) => [lut({ tables: tablesOf(amount) })],
});
