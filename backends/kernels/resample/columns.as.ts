import { coefficientsOf, firstTapOf, LOW_PARTS, lengthOf, PAIR_BYTES, tapCountOf } from './coefficients.as';
import { addProducts, bytesOf, joined, sumOfPair, sumOfTwoPairs } from './sums.as';

/**
 * The vertical filter, 16 bytes of `rowBytes` (the target's stride) at a time. One and two pairs of taps have straight code,
 * as in the horizontal filter (few-taps-rows.as.ts).
 */
export function filterColumns(
  source: usize,
  stride: usize,
  rows: i32,
  target: usize,
  rowBytes: usize,
  axis: usize,
): void {
  const length = lengthOf(axis);
  const lastRow = source + <usize>(rows - 1) * stride;
  for (let y = 0; y < length; y++) {
    const first = source + <usize>firstTapOf(axis, y) * stride;
    const pairs = (tapCountOf(axis, y) + 1) >> 1;
    const coefficients = coefficientsOf(axis, y);
    if (pairs == 1) filterOneRowByPair(first, stride, lastRow, target, rowBytes, coefficients);
    else if (pairs == 2) filterOneRowByTwoPairs(first, stride, lastRow, target, rowBytes, coefficients);
    else filterOneRow(first, stride, lastRow, target, rowBytes, coefficients, pairs);
    target += rowBytes;
  }
}

function filterOneRowByPair(
  row0: usize,
  stride: usize,
  lastRow: usize,
  target: usize,
  rowBytes: usize,
  coefficients: usize,
): void {
  const high = v128.load(coefficients);
  const low = v128.load(coefficients, LOW_PARTS);
  // the partner of an odd tap has coefficient 0, but must not lie past the image
  let row1 = min(row0 + stride, lastRow);
  for (const end = target + rowBytes; target < end; target += 16) {
    const left = leftBytes(v128.load(row0), v128.load(row1));
    const right = rightBytes(v128.load(row0), v128.load(row1));
    const a = sumOfPair(i16x8.extend_low_i8x16_u(left), high, low);
    const b = sumOfPair(i16x8.extend_high_i8x16_u(left), high, low);
    const c = sumOfPair(i16x8.extend_low_i8x16_u(right), high, low);
    const d = sumOfPair(i16x8.extend_high_i8x16_u(right), high, low);
    v128.store(target, bytesOf(a, b, c, d));
    row0 += 16;
    row1 += 16;
  }
}

function filterOneRowByTwoPairs(
  row0: usize,
  stride: usize,
  lastRow: usize,
  target: usize,
  rowBytes: usize,
  coefficients: usize,
): void {
  const high0 = v128.load(coefficients);
  const low0 = v128.load(coefficients, LOW_PARTS);
  const high1 = v128.load(coefficients, PAIR_BYTES);
  const low1 = v128.load(coefficients, PAIR_BYTES + LOW_PARTS);
  let row1 = row0 + stride;
  let row2 = row1 + stride;
  let row3 = min(row2 + stride, lastRow);
  for (const end = target + rowBytes; target < end; target += 16) {
    const left0 = leftBytes(v128.load(row0), v128.load(row1));
    const right0 = rightBytes(v128.load(row0), v128.load(row1));
    const left1 = leftBytes(v128.load(row2), v128.load(row3));
    const right1 = rightBytes(v128.load(row2), v128.load(row3));
    const a = sumOfLows(left0, left1, high0, low0, high1, low1);
    const b = sumOfHighs(left0, left1, high0, low0, high1, low1);
    const c = sumOfLows(right0, right1, high0, low0, high1, low1);
    const d = sumOfHighs(right0, right1, high0, low0, high1, low1);
    v128.store(target, bytesOf(a, b, c, d));
    row0 += 16;
    row1 += 16;
    row2 += 16;
    row3 += 16;
  }
}

/** By any number of pairs. */
function filterOneRow(
  firstRow: usize,
  stride: usize,
  lastRow: usize,
  target: usize,
  rowBytes: usize,
  coefficients: usize,
  pairs: i32,
): void {
  for (let x: usize = 0; x < rowBytes; x += 16) {
    let high0 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    let high2 = i32x4.splat(0);
    let high3 = i32x4.splat(0);
    let low0 = i32x4.splat(0);
    let low1 = i32x4.splat(0);
    let low2 = i32x4.splat(0);
    let low3 = i32x4.splat(0);
    let s = firstRow;
    let coefficient = coefficients;
    for (let p = 0; p < pairs; p++) {
      const a = v128.load(s + x);
      const b = v128.load(min(s + stride, lastRow) + x);
      const high = v128.load(coefficient);
      const low = v128.load(coefficient, LOW_PARTS);
      const left = leftBytes(a, b);
      const right = rightBytes(a, b);
      let bytes = i16x8.extend_low_i8x16_u(left);
      high0 = addProducts(high0, bytes, high);
      low0 = addProducts(low0, bytes, low);
      bytes = i16x8.extend_high_i8x16_u(left);
      high1 = addProducts(high1, bytes, high);
      low1 = addProducts(low1, bytes, low);
      bytes = i16x8.extend_low_i8x16_u(right);
      high2 = addProducts(high2, bytes, high);
      low2 = addProducts(low2, bytes, low);
      bytes = i16x8.extend_high_i8x16_u(right);
      high3 = addProducts(high3, bytes, high);
      low3 = addProducts(low3, bytes, low);
      s += 2 * stride;
      coefficient += PAIR_BYTES;
    }
    v128.store(
      target + x,
      bytesOf(joined(high0, low0), joined(high1, low1), joined(high2, low2), joined(high3, low3)),
    );
  }
}

/** Bytes 0 to 7 of two rows, in turn. */
function leftBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Bytes 8 to 15. */
function rightBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

function sumOfLows(bytes0: v128, bytes1: v128, high0: v128, low0: v128, high1: v128, low1: v128): v128 {
  const first = i16x8.extend_low_i8x16_u(bytes0);
  return sumOfTwoPairs(first, i16x8.extend_low_i8x16_u(bytes1), high0, low0, high1, low1);
}

function sumOfHighs(bytes0: v128, bytes1: v128, high0: v128, low0: v128, high1: v128, low1: v128): v128 {
  const first = i16x8.extend_high_i8x16_u(bytes0);
  return sumOfTwoPairs(first, i16x8.extend_high_i8x16_u(bytes1), high0, low0, high1, low1);
}
