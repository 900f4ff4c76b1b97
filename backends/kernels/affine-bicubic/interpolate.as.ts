import { clamp } from '../coordinates.as';
import { outerWeights, pixelOf, product16, secondWeight, squareOf, thirdWeight } from './cubic.as';

/** One pixel that shows the input at (x, y). */
export function interpolate(source: usize, width: i32, height: i32, x: i64, y: i64): u32 {
  const left = <i32>(x >> 32) - 1;
  const top = <i32>(y >> 32) - 1;
  const dx = <i32>(<u32>x >>> 16);
  const dx2 = squareOf(dx);
  const dx3 = product16(dx2, dx);
  const outer = outerWeights(dx, dx2, dx3);
  const inner1 = secondWeight(dx2, dx3);
  const inner2 = thirdWeight(dx, dx2, dx3);

  const dy = <i32>(<u32>y >>> 16);
  const dy2 = squareOf(dy);
  const dy3 = product16(dy2, dy);

  const bytesPerRow = width * 3;
  const isInside = left >= 0 && left + 4 <= width && top >= 0 && top + 4 <= height;
  let row0: v128;
  let row1: v128;
  let row2: v128;
  let row3: v128;
  if (isInside) {
    const at = source + top * bytesPerRow + left * 3;
    row0 = rowSum(v128.load(at), outer, inner1, inner2);
    row1 = rowSum(v128.load(at + bytesPerRow), outer, inner1, inner2);
    row2 = rowSum(v128.load(at + 2 * bytesPerRow), outer, inner1, inner2);
    row3 = rowSum(v128.load(at + 3 * bytesPerRow), outer, inner1, inner2);
  } else {
    row0 = rowSum(clampedTaps(source, width, height, left, top), outer, inner1, inner2);
    row1 = rowSum(clampedTaps(source, width, height, left, top + 1), outer, inner1, inner2);
    row2 = rowSum(clampedTaps(source, width, height, left, top + 2), outer, inner1, inner2);
    row3 = rowSum(clampedTaps(source, width, height, left, top + 3), outer, inner1, inner2);
  }
  return combine(row0, row1, row2, row3, dy, dy2, dy3);
}

/** Weighted sums of four packed pixels, a channel a lane, with 12 fraction bits. */
function rowSum(bytes: v128, outer: v128, inner1: v128, inner2: v128): v128 {
  const pairs = i8x16.swizzle(bytes, i8x16(0, -1, 9, -1, 1, -1, 10, -1, 2, -1, 11, -1, -1, -1, -1, -1));
  const second = i8x16.swizzle(bytes, i8x16(3, -1, -1, -1, 4, -1, -1, -1, 5, -1, -1, -1, -1, -1, -1, -1));
  const third = i8x16.swizzle(bytes, i8x16(6, -1, -1, -1, 7, -1, -1, -1, 8, -1, -1, -1, -1, -1, -1, -1));
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(pairs, outer),
    i32x4.add(i32x4.mul(second, inner1), i32x4.mul(third, inner2)),
  );
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(8)), 4);
}

/** Whole and fraction parts apart, so that all sums fit 32 bits. */
function combine(row0: v128, row1: v128, row2: v128, row3: v128, d: i32, d2: i32, d3: i32): u32 {
  const w0 = i32x4.splat(2 * d2 - d - d3);
  const w1 = i32x4.splat(65536 - 2 * d2 + d3);
  const w2 = i32x4.splat(d + d2 - d3);
  const w3 = i32x4.splat(d3 - d2);
  const whole = i32x4.add(
    i32x4.add(i32x4.mul(wholeOf(row0), w0), i32x4.mul(wholeOf(row1), w1)),
    i32x4.add(i32x4.mul(wholeOf(row2), w2), i32x4.mul(wholeOf(row3), w3)),
  );
  const fraction = i32x4.add(
    i32x4.add(i32x4.mul(fractionOf(row0), w0), i32x4.mul(fractionOf(row1), w1)),
    i32x4.add(i32x4.mul(fractionOf(row2), w2), i32x4.mul(fractionOf(row3), w3)),
  );
  return pixelOf(i32x4.shr_s(i32x4.add(whole, i32x4.shr_s(fraction, 12)), 16));
}

function wholeOf(sum: v128): v128 {
  return i32x4.shr_s(sum, 12);
}

function fractionOf(sum: v128): v128 {
  return v128.and(sum, i32x4.splat(4095));
}

/** Four packed pixels of a row, those beyond the border repeated from it. */
function clampedTaps(source: usize, width: i32, height: i32, left: i32, top: i32): v128 {
  const row = source + clamp(top, height - 1) * width * 3;
  const pixels = i32x4.replace_lane(
    i32x4.replace_lane(
      i32x4.replace_lane(
        i32x4.splat(load<i32>(row + clamp(left, width - 1) * 3)),
        1,
        load<i32>(row + clamp(left + 1, width - 1) * 3),
      ),
      2,
      load<i32>(row + clamp(left + 2, width - 1) * 3),
    ),
    3,
    load<i32>(row + clamp(left + 3, width - 1) * 3),
  );
  return i8x16.swizzle(pixels, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
}
