import { clamp, coefficient, isWholeEverywhere } from '../coordinates.as';
import { fillPixels } from '../pixel.as';

/**
 * Coordinates in 32.32 fixed point are i64; the three channels of a pixel are lanes. Where x is a whole number
 * everywhere, as in shearY, the taps of one column are enough: 2.6x on an AMD EPYC (bench/kernels.ts).
 */
export function affineBicubic(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  coordinates: usize,
  runs: usize,
  fill: u32,
): void {
  const stepX = coefficient(coordinates, 0);
  const stepY = coefficient(coordinates, 3);
  const isWholeX = isWholeEverywhere(coordinates, 0);
  for (let y = 0; y < height; y++) {
    const run = load<u32>(runs + (y << 2));
    const first = run & 0xffff;
    const last = run >>> 16;
    const row = target + y * width * 3;
    const x = coefficient(coordinates, 2) + coefficient(coordinates, 1) * y + stepX * first;
    const yy = coefficient(coordinates, 5) + coefficient(coordinates, 4) * y + stepY * first;
    // in this order: each writes one byte beyond its end
    fillPixels(row, first, fill);
    const end = row + last * 3;
    if (isWholeX) interpolateColumns(source, width, height, row + first * 3, end, x, yy, stepX, stepY);
    else interpolateRun(source, width, height, row + first * 3, end, x, yy, stepX, stepY);
    fillPixels(end, width - last, fill);
  }
}

/** Pixels from `target` to `end`, whose first shows the input at (x, y). */
function interpolateRun(
  source: usize,
  width: i32,
  height: i32,
  target: usize,
  end: usize,
  x: i64,
  y: i64,
  stepX: i64,
  stepY: i64,
): void {
  for (; target < end; target += 3) {
    store<u32>(target, interpolate(source, width, height, x, y));
    x += stepX;
    y += stepY;
  }
}

/** The same where x is a whole number: the horizontal weights are 0, 1, 0, 0. */
function interpolateColumns(
  source: usize,
  width: i32,
  height: i32,
  target: usize,
  end: usize,
  x: i64,
  y: i64,
  stepX: i64,
  stepY: i64,
): void {
  const bytesPerRow = width * 3;
  const lastRow = height - 1;
  for (; target < end; target += 3) {
    const top = <i32>(y >> 32) - 1;
    const d = <i32>(<u32>y >>> 16);
    const d2 = squareOf(d);
    const d3 = product16(d2, d);
    const column = source + clamp(<i32>(x >> 32), width - 1) * 3;
    let tap0 = column + top * bytesPerRow;
    let tap1 = tap0 + bytesPerRow;
    let tap2 = tap1 + bytesPerRow;
    let tap3 = tap2 + bytesPerRow;
    if (top < 0 || top + 3 > lastRow) {
      tap0 = column + clamp(top, lastRow) * bytesPerRow;
      tap1 = column + clamp(top + 1, lastRow) * bytesPerRow;
      tap2 = column + clamp(top + 2, lastRow) * bytesPerRow;
      tap3 = column + clamp(top + 3, lastRow) * bytesPerRow;
    }
    const outer = v128.load_lane<i32>(tap3, v128.load32_zero(tap0), 1);
    const pairs = i8x16.swizzle(outer, i8x16(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, -1, -1, -1, -1));
    const second = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(tap1)));
    const third = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(tap2)));
    const sum = i32x4.add(
      i32x4.dot_i16x8_s(pairs, outerWeights(d, d2, d3)),
      i32x4.add(i32x4.mul(second, secondWeight(d2, d3)), i32x4.mul(third, thirdWeight(d, d2, d3))),
    );
    store<u32>(target, pixelOf(i32x4.shr_s(sum, 16)));
    x += stepX;
    y += stepY;
  }
}

function interpolate(source: usize, width: i32, height: i32, x: i64, y: i64): u32 {
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

/** Weights of the first and the fourth tap as pairs of i16, since they are small; the other two reach 65536. */
function outerWeights(d: i32, d2: i32, d3: i32): v128 {
  return i32x4.splat(((2 * d2 - d - d3) & 0xffff) | ((d3 - d2) << 16));
}

function secondWeight(d2: i32, d3: i32): v128 {
  return i32x4.splat(65536 - 2 * d2 + d3);
}

function thirdWeight(d: i32, d2: i32, d3: i32): v128 {
  return i32x4.splat(d + d2 - d3);
}

function squareOf(d: i32): i32 {
  return product16(d, d);
}

function product16(a: i32, b: i32): i32 {
  return <i32>((<u32>(a * b) + 32768) >>> 16);
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

/** The channels, clamped by the narrowing, as the bytes of a pixel. */
function pixelOf(channels: v128): u32 {
  const halves = i16x8.narrow_i32x4_s(channels, channels);
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0);
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
