import { filtered, innerQuarters, innerRest, outerWeights, product16, squareOf } from './cubic.as';
import { interpolate } from './interpolate.as';

/**
 * Pixels from `target` to `end` that show the input at (x, y), (x + 1, y), ..., y being whole: all have the same weights, so
 * it does not matter which channel a byte is. Writes up to 15 bytes beyond the end.
 */
export function filterRow(
  source: usize,
  width: i32,
  height: i32,
  target: usize,
  end: usize,
  x: i64,
  y: i64,
): void {
  const step = (<i64>1) << 32;
  for (; target < end && x < step; target += 3, x += step)
    store<u32>(target, interpolate(source, width, height, x, y));
  // of as many pixels the four taps lie inside
  const inner = max(0, min(<i32>(end - target) / 3, width - 2 - <i32>(x >> 32)));
  const row = source + <i32>(y >> 32) * width * 3;
  filterBytes(row + (<i32>(x >> 32) - 1) * 3, target, target + inner * 3, <i32>(<u32>x >>> 16));
  x += inner * step;
  for (target += inner * 3; target < end; target += 3, x += step)
    store<u32>(target, interpolate(source, width, height, x, y));
}

/** @param at the first byte's first tap */
function filterBytes(at: usize, target: usize, end: usize, d: i32): void {
  const d2 = squareOf(d);
  const d3 = product16(d2, d);
  const outer = outerWeights(d, d2, d3);
  const quarters = innerQuarters(d, d2, d3);
  const rest = innerRest(d, d2, d3);
  for (; target < end; target += 16, at += 16) {
    const tap0 = v128.load(at);
    const tap1 = v128.load(at, 3);
    const tap2 = v128.load(at, 6);
    const tap3 = v128.load(at, 9);
    const first = halfOf(lowPairs(tap0, tap3), lowPairs(tap1, tap2), outer, quarters, rest);
    const second = halfOf(highPairs(tap0, tap3), highPairs(tap1, tap2), outer, quarters, rest);
    v128.store(target, i8x16.narrow_i16x8_u(first, second));
  }
}

/** Eight of the bytes, not yet clamped. */
function halfOf(outerTaps: v128, innerTaps: v128, outer: v128, quarters: v128, rest: v128): v128 {
  const rounding = i32x4.splat(8);
  const outerLow = i16x8.extend_low_i8x16_u(outerTaps);
  const innerLow = i16x8.extend_low_i8x16_u(innerTaps);
  const outerHigh = i16x8.extend_high_i8x16_u(outerTaps);
  const innerHigh = i16x8.extend_high_i8x16_u(innerTaps);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(filtered(outerLow, innerLow, outer, quarters, rest), rounding), 16),
    i32x4.shr_s(i32x4.add(filtered(outerHigh, innerHigh, outer, quarters, rest), rounding), 16),
  );
}

function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
