// The horizontal filter of four rows where a pixel has one or two pairs of taps, into a strip (strip.as.ts). Straight code: a
// loop over so few pairs costs more than their products do. From three pairs on the loop is faster: V8 puts all loads
// first and runs out of registers (bicubic crops took 1.15 to 1.23 times as long).

import { coefficientsOf, firstTapOf, LOW_PARTS, lengthOf, PAIR_BYTES } from './coefficients.as';
import { firstPair, secondPair } from './pixel-pairs.as';
import { COLUMN_BYTES } from './strip.as';
import { bytesOf, sumOfPair, sumOfTwoPairs } from './sums.as';

export function filterFourRowsByPair(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  strip: usize,
  axis: usize,
): void {
  const length = lengthOf(axis);
  let pair = coefficientsOf(axis, 0);
  for (let x = 0; x < length; x++) {
    const at = <usize>firstTapOf(axis, x) * 3;
    const high = v128.load(pair);
    const low = v128.load(pair, LOW_PARTS);
    const a = sumOfPair(firstPair(v128.load(row0 + at)), high, low);
    const b = sumOfPair(firstPair(v128.load(row1 + at)), high, low);
    const c = sumOfPair(firstPair(v128.load(row2 + at)), high, low);
    const d = sumOfPair(firstPair(v128.load(row3 + at)), high, low);
    v128.store(strip, bytesOf(a, b, c, d));
    strip += COLUMN_BYTES;
    pair += PAIR_BYTES;
  }
}

export function filterFourRowsByTwoPairs(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  strip: usize,
  axis: usize,
): void {
  const length = lengthOf(axis);
  let pair = coefficientsOf(axis, 0);
  for (let x = 0; x < length; x++) {
    const at = <usize>firstTapOf(axis, x) * 3;
    const high0 = v128.load(pair);
    const low0 = v128.load(pair, LOW_PARTS);
    const high1 = v128.load(pair, PAIR_BYTES);
    const low1 = v128.load(pair, PAIR_BYTES + LOW_PARTS);
    const a = sumOfFourPixels(row0 + at, high0, low0, high1, low1);
    const b = sumOfFourPixels(row1 + at, high0, low0, high1, low1);
    const c = sumOfFourPixels(row2 + at, high0, low0, high1, low1);
    const d = sumOfFourPixels(row3 + at, high0, low0, high1, low1);
    v128.store(strip, bytesOf(a, b, c, d));
    strip += COLUMN_BYTES;
    pair += 2 * PAIR_BYTES;
  }
}

function sumOfFourPixels(pixels: usize, high0: v128, low0: v128, high1: v128, low1: v128): v128 {
  const bytes = v128.load(pixels);
  return sumOfTwoPairs(firstPair(bytes), secondPair(bytes), high0, low0, high1, low1);
}
