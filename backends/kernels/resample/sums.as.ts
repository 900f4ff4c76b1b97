// Products of bytes and coefficients, and how their two sums become bytes (coefficients.as.ts splits a coefficient in two).
//
// The low sum is shifted right by LOW_BITS, which carries it into the high sum. The joined sum has 7 fraction bits. It is
// narrowed to 16 bits before it is rounded, so that one addition and one shift serve eight sums: what the narrowing clamps is
// above 255 or below 0 in the end. The low sum fits 32 bits: its size is at most 255 times the sum of the coefficients' sizes,
// which is below 1.3 * 2^22 (test/unit/backends/kernels/resample.test.ts); 2^31 is reached at 2.007 * 2^22.

import { LOW_BITS } from './coefficients.as';

const FRACTION_BITS = 22 - LOW_BITS;

/** Half a unit of a joined sum. */
const HALF: i16 = 64;

export function addProducts(sum: v128, bytes: v128, coefficients: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(bytes, coefficients));
}

/** The sum of one pair of taps. */
export function sumOfPair(bytes: v128, high: v128, low: v128): v128 {
  return joined(i32x4.dot_i16x8_s(bytes, high), i32x4.dot_i16x8_s(bytes, low));
}

/** The sum of two pairs of taps. */
export function sumOfTwoPairs(
  bytes0: v128,
  bytes1: v128,
  high0: v128,
  low0: v128,
  high1: v128,
  low1: v128,
): v128 {
  const high = addProducts(i32x4.dot_i16x8_s(bytes0, high0), bytes1, high1);
  return joined(high, addProducts(i32x4.dot_i16x8_s(bytes0, low0), bytes1, low1));
}

export function joined(high: v128, low: v128): v128 {
  return i32x4.add(high, i32x4.shr_s(low, LOW_BITS));
}

/** Sixteen bytes from joined sums: rounded, and clamped by the narrowing. */
export function bytesOf(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(rounded(i16x8.narrow_i32x4_s(a, b)), rounded(i16x8.narrow_i32x4_s(c, d)));
}

function rounded(sums: v128): v128 {
  return i16x8.shr_s(i16x8.add_sat_s(sums, i16x8.splat(HALF)), FRACTION_BITS);
}
