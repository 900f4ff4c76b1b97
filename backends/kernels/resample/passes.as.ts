import {
  coefficientsOf,
  firstTapOf,
  LOW_BITS,
  lengthOf,
  PAIR_BYTES,
  pairsOf,
  tapCountOf,
} from './coefficients.as';

const PRECISION_BITS = 22;
/** From the high parts of a pair's coefficients to the low ones. */
const LOW: usize = 16;

/**
 * The horizontal filter, four rows at a time, which share each load of a coefficient: the compiler finds that their
 * additions ask for the same one.
 */
export function filterRows(
  source: usize,
  stride: usize,
  rows: i32,
  target: usize,
  targetStride: usize,
  axis: usize,
): void {
  for (let y = 0; y < rows; y += 4) {
    // past the last row, the last one is done again
    const y1 = <usize>min(y + 1, rows - 1);
    const y2 = <usize>min(y + 2, rows - 1);
    const y3 = <usize>min(y + 3, rows - 1);
    filterFourRows(
      source + <usize>y * stride,
      source + y1 * stride,
      source + y2 * stride,
      source + y3 * stride,
      target + <usize>y * targetStride,
      target + y1 * targetStride,
      target + y2 * targetStride,
      target + y3 * targetStride,
      axis,
    );
  }
}

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
      low0 = addTwoPairs(low0, row0 + s, coefficient + LOW);
      high1 = addTwoPairs(high1, row1 + s, coefficient);
      low1 = addTwoPairs(low1, row1 + s, coefficient + LOW);
      high2 = addTwoPairs(high2, row2 + s, coefficient);
      low2 = addTwoPairs(low2, row2 + s, coefficient + LOW);
      high3 = addTwoPairs(high3, row3 + s, coefficient);
      low3 = addTwoPairs(low3, row3 + s, coefficient + LOW);
      s += 12;
      coefficient += 2 * PAIR_BYTES;
    }
    if (pairs & 1) {
      high0 = addPair(high0, row0 + s, coefficient);
      low0 = addPair(low0, row0 + s, coefficient + LOW);
      high1 = addPair(high1, row1 + s, coefficient);
      low1 = addPair(low1, row1 + s, coefficient + LOW);
      high2 = addPair(high2, row2 + s, coefficient);
      low2 = addPair(low2, row2 + s, coefficient + LOW);
      high3 = addPair(high3, row3 + s, coefficient);
      low3 = addPair(low3, row3 + s, coefficient + LOW);
      coefficient += PAIR_BYTES;
    }
    const pixels = join(high0, low0, high1, low1, high2, low2, high3, low3);
    const at = <usize>x * 3;
    if (x < last) storePixels(t0 + at, t1 + at, t2 + at, t3 + at, pixels);
    else storeLastPixels(t0 + at, t1 + at, t2 + at, t3 + at, pixels);
  }
}

/** A pixel to each of four rows, and one byte too many, which the next pixel is written over. */
function storePixels(t0: usize, t1: usize, t2: usize, t3: usize, pixels: v128): void {
  v128.store_lane<i32>(t0, pixels, 0);
  v128.store_lane<i32>(t1, pixels, 1);
  v128.store_lane<i32>(t2, pixels, 2);
  v128.store_lane<i32>(t3, pixels, 3);
}

/** The same without a byte too many. */
function storeLastPixels(t0: usize, t1: usize, t2: usize, t3: usize, pixels: v128): void {
  v128.store_lane<i16>(t0, pixels, 0);
  v128.store_lane<i16>(t1, pixels, 2);
  v128.store_lane<i16>(t2, pixels, 4);
  v128.store_lane<i16>(t3, pixels, 6);
  v128.store_lane<i8>(t0, pixels, 2, 2);
  v128.store_lane<i8>(t1, pixels, 6, 2);
  v128.store_lane<i8>(t2, pixels, 10, 2);
  v128.store_lane<i8>(t3, pixels, 14, 2);
}

/** The vertical filter, 16 bytes of `rowBytes` (the target's stride) at a time. */
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
    filterOneRow(
      source + <usize>firstTapOf(axis, y) * stride,
      stride,
      lastRow,
      target + <usize>y * rowBytes,
      rowBytes,
      coefficientsOf(axis, y),
      (tapCountOf(axis, y) + 1) >> 1,
    );
  }
}

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
      // the partner of a last odd tap has coefficient 0, but must not lie past the image
      const b = v128.load(min(s + stride, lastRow) + x);
      const high = v128.load(coefficient);
      const low = v128.load(coefficient, 16);
      const first = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const last = v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      let bytes = i16x8.extend_low_i8x16_u(first);
      high0 = addProducts(high0, bytes, high);
      low0 = addProducts(low0, bytes, low);
      bytes = i16x8.extend_high_i8x16_u(first);
      high1 = addProducts(high1, bytes, high);
      low1 = addProducts(low1, bytes, low);
      bytes = i16x8.extend_low_i8x16_u(last);
      high2 = addProducts(high2, bytes, high);
      low2 = addProducts(low2, bytes, low);
      bytes = i16x8.extend_high_i8x16_u(last);
      high3 = addProducts(high3, bytes, high);
      low3 = addProducts(low3, bytes, low);
      s += 2 * stride;
      coefficient += PAIR_BYTES;
    }
    v128.store(target + x, join(high0, low0, high1, low1, high2, low2, high3, low3));
  }
}

function addProducts(sum: v128, bytes: v128, coefficients: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(bytes, coefficients));
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

/** Channels of pixels 0 and 1 of 16 bytes as 16-bit numbers (R, R', G, G', B, B', 0, 0). */
function firstPair(bytes: v128): v128 {
  return v128.swizzle(bytes, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
}

/** The same of pixels 2 and 3. */
function secondPair(bytes: v128): v128 {
  return v128.swizzle(bytes, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
}

/** Sixteen bytes from the sums of products: rounded by half a unit, clamped by the narrowing. */
function join(
  high0: v128,
  low0: v128,
  high1: v128,
  low1: v128,
  high2: v128,
  low2: v128,
  high3: v128,
  low3: v128,
): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(rounded(high0, low0), rounded(high1, low1)),
    i16x8.narrow_i32x4_s(rounded(high2, low2), rounded(high3, low3)),
  );
}

function rounded(high: v128, low: v128): v128 {
  const half = i32x4.splat(1 << (PRECISION_BITS - 1));
  return i32x4.shr_s(i32x4.add(i32x4.add(i32x4.shl(high, LOW_BITS), low), half), PRECISION_BITS);
}
