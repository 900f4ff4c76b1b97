import { at } from './at.ts';

/** into[row] += values[of], of rows of channels */
export const addRow = (
  channels: number,
  into: Float64Array,
  row: number,
  values: Float64Array,
  of: number,
): void => addScaledRow(channels, into, row, 1, values, of);

/** into[row] += factor * values[of] */
export function addScaledRow(
  channels: number,
  into: Float64Array,
  row: number,
  factor: number,
  values: Float64Array,
  of: number,
): void {
  for (let c = 0; c < channels; c++) addTo(into, row * channels + c, factor * at(values, of * channels + c));
}

/** into[row] += values[of] * factors[by], channel by channel */
export function addProductOfRows(
  channels: number,
  into: Float64Array,
  row: number,
  values: Float64Array,
  of: number,
  factors: Float64Array,
  by: number,
): void {
  for (let c = 0; c < channels; c++)
    addTo(into, row * channels + c, at(values, of * channels + c) * at(factors, by * channels + c));
}

function addTo(into: Float64Array, i: number, value: number): void {
  into[i] = at(into, i) + value;
}
