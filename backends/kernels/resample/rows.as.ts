import { coefficientsOf, firstTapOf, LOW_PARTS, lengthOf, PAIR_BYTES, pairsOf } from './coefficients.as';
import { filterFourRowsByPair, filterFourRowsByTwoPairs } from './few-taps-rows.as';
import { firstPair, secondPair } from './pixel-pairs.as';
import { spreadStrip, storeLastPixels, storePixels } from './strip.as';
import { addProducts, bytesOf, joined } from './sums.as';

/** The horizontal filter, four rows at a time, which share each load of a coefficient. `strip` has room for one. */
export function filterRows(
  source: usize,
  stride: usize,
  rows: i32,
  target: usize,
  targetStride: usize,
  axis: usize,
  strip: usize,
): void {
  const pairs = pairsOf(axis);
  const length = lengthOf(axis);
  for (let y = 0; y < rows; y += 4) {
    // past the last row, the last one is done again
    const y1 = <usize>min(y + 1, rows - 1);
    const y2 = <usize>min(y + 2, rows - 1);
    const y3 = <usize>min(y + 3, rows - 1);
    const row0 = source + <usize>y * stride;
    const row1 = source + y1 * stride;
    const row2 = source + y2 * stride;
    const row3 = source + y3 * stride;
    const t0 = target + <usize>y * targetStride;
    const t1 = target + y1 * targetStride;
    const t2 = target + y2 * targetStride;
    const t3 = target + y3 * targetStride;
    if (pairs > 2) {
      filterFourRows(row0, row1, row2, row3, t0, t1, t2, t3, axis);
      continue;
    }
    if (pairs == 1) filterFourRowsByPair(row0, row1, row2, row3, strip, axis);
    else filterFourRowsByTwoPairs(row0, row1, row2, row3, strip, axis);
    spreadStrip(strip, length, t0, t1, t2, t3);
  }
}

/** By any number of pairs. The compiler finds that the additions of four rows ask for the same coefficient. */
function filterFourRows(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  t0: usize,
  t1: usize,
  t2: usize,
  t3: usize,
  axis: usize,
): void {
  const pairs = pairsOf(axis);
  const last = lengthOf(axis) - 1;
  let coefficient = coefficientsOf(axis, 0);
  for (let x = 0; x <= last; x++) {
    let s = <usize>firstTapOf(axis, x) * 3;
    let high0 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    let high2 = i32x4.splat(0);
    let high3 = i32x4.splat(0);
    let low0 = i32x4.splat(0);
    let low1 = i32x4.splat(0);
    let low2 = i32x4.splat(0);
    let low3 = i32x4.splat(0);
    for (let p = pairs; p > 1; p -= 2) {
      high0 = addTwoPairs(high0, row0 + s, coefficient);
      low0 = addTwoPairs(low0, row0 + s, coefficient + LOW_PARTS);
      high1 = addTwoPairs(high1, row1 + s, coefficient);
      low1 = addTwoPairs(low1, row1 + s, coefficient + LOW_PARTS);
      high2 = addTwoPairs(high2, row2 + s, coefficient);
      low2 = addTwoPairs(low2, row2 + s, coefficient + LOW_PARTS);
      high3 = addTwoPairs(high3, row3 + s, coefficient);
      low3 = addTwoPairs(low3, row3 + s, coefficient + LOW_PARTS);
      s += 12;
      coefficient += 2 * PAIR_BYTES;
    }
    if (pairs & 1) {
      high0 = addPair(high0, row0 + s, coefficient);
      low0 = addPair(low0, row0 + s, coefficient + LOW_PARTS);
      high1 = addPair(high1, row1 + s, coefficient);
      low1 = addPair(low1, row1 + s, coefficient + LOW_PARTS);
      high2 = addPair(high2, row2 + s, coefficient);
      low2 = addPair(low2, row2 + s, coefficient + LOW_PARTS);
      high3 = addPair(high3, row3 + s, coefficient);
      low3 = addPair(low3, row3 + s, coefficient + LOW_PARTS);
      coefficient += PAIR_BYTES;
    }
    const pixels = bytesOf(
      joined(high0, low0),
      joined(high1, low1),
      joined(high2, low2),
      joined(high3, low3),
    );
    const at = <usize>x * 3;
    if (x < last) storePixels(t0 + at, t1 + at, t2 + at, t3 + at, pixels);
    else storeLastPixels(t0 + at, t1 + at, t2 + at, t3 + at, pixels);
  }
}

/** A pair of pixels at `pixels` times their coefficients. */
function addPair(sum: v128, pixels: usize, coefficient: usize): v128 {
  return addProducts(sum, firstPair(v128.load(pixels)), v128.load(coefficient));
}

/** Two pairs from one load of pixels. */
function addTwoPairs(sum: v128, pixels: usize, coefficient: usize): v128 {
  const bytes = v128.load(pixels);
  const first = addProducts(sum, firstPair(bytes), v128.load(coefficient));
  return addProducts(first, secondPair(bytes), v128.load(coefficient, PAIR_BYTES));
}
