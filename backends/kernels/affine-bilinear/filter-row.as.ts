import { FRACTION_UNIT, highPairs, levelsOf, lowPairs, ONE } from './weights.as';

/**
 * Pixels from `target` to `end` that show the input's `row` at x, x + 1, ...: all have the same weights, so it does not matter
 * which channel a byte is. Writes up to 15 bytes beyond the end.
 */
export function filterRow(row: usize, width: i32, target: usize, end: usize, x: i64): void {
  let left = <i32>(x >> 32);
  // beyond the border both taps are the outermost pixel
  for (; target < end && left < 0; target += 3, left++) store<u32>(target, load<u32>(row));
  const inner = min(end, target + max(0, width - 1 - left) * 3);
  const weight = <u32>x / FRACTION_UNIT;
  const high = highPairs(i32x4.splat(ONE - weight), i32x4.splat(weight));
  const low = lowPairs(i32x4.splat(ONE - weight), i32x4.splat(weight));
  for (let at = row + left * 3; target < inner; target += 16, at += 16)
    v128.store(target, filteredBytes(at, high, low));
  for (target = inner; target < end; target += 3) store<u32>(target, load<u32>(row + (width - 1) * 3));
}

function filteredBytes(at: usize, high: v128, low: v128): v128 {
  const first = v128.load(at);
  const second = v128.load(at, 3);
  const pairs0 = v128.shuffle<u8>(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const pairs8 = v128.shuffle<u8>(
    first,
    second,
    8,
    24,
    9,
    25,
    10,
    26,
    11,
    27,
    12,
    28,
    13,
    29,
    14,
    30,
    15,
    31,
  );
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(
      filtered(i16x8.extend_low_i8x16_u(pairs0), high, low),
      filtered(i16x8.extend_high_i8x16_u(pairs0), high, low),
    ),
    i16x8.narrow_i32x4_s(
      filtered(i16x8.extend_low_i8x16_u(pairs8), high, low),
      filtered(i16x8.extend_high_i8x16_u(pairs8), high, low),
    ),
  );
}

function filtered(pairs: v128, high: v128, low: v128): v128 {
  return levelsOf(i32x4.dot_i16x8_s(pairs, high), i32x4.dot_i16x8_s(pairs, low));
}
