/** What a weight of 1 is. */
export const ONE: u32 = 1 << 29;
/** The last bit of a fraction, which has as many bits as a weight, in a coordinate's low word. */
export const FRACTION_UNIT: u32 = 1 << 3;

/** Four pairs of weights for i32x4.dot_i16x8_s: what they hold above their lowest 15 bits. */
export function highPairs(first: v128, second: v128): v128 {
  return v128.shuffle<u16>(i32x4.shr_u(first, 15), i32x4.shl(second, 1), 0, 9, 2, 11, 4, 13, 6, 15);
}

/** Their lowest 15 bits. */
export function lowPairs(first: v128, second: v128): v128 {
  const pairs = v128.shuffle<u16>(first, i32x4.shl(second, 16), 0, 9, 2, 11, 4, 13, 6, 15);
  return v128.and(pairs, i32x4.splat(0x7fff7fff));
}

/** The levels that four sums of levels by weights come to, from sums by the high and by the low parts of the weights. */
export function levelsOf(high: v128, low: v128): v128 {
  return i32x4.shr_u(i32x4.add(high, i32x4.shr_u(low, 15)), 14);
}
