import { clamp, coefficient, isWholeEverywhere } from '../coordinates.as';
import { fillPixels } from '../pixel.as';
import { filterRow } from './filter-row.as';
import { interpolateFours, twoDots } from './four-pixels.as';
import { FRACTION_UNIT, highPairs, levelsOf, lowPairs, ONE } from './weights.as';

/** Where every row shows the input at x, x + 1, ... of one of its rows, as in shearX, one filter does for the row. */
export function affineBilinear(
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
  const isRowShear =
    stepX == (<i64>1) << 32 && stepY == 0 && isWholeEverywhere(coordinates, 3, FRACTION_UNIT);
  for (let y = 0; y < height; y++) {
    const run = load<u32>(runs + (y << 2));
    const first = run & 0xffff;
    const last = run >>> 16;
    const row = target + y * width * 3;
    const end = row + last * 3;
    const x = coefficient(coordinates, 2) + coefficient(coordinates, 1) * y + stepX * first;
    const yy = coefficient(coordinates, 5) + coefficient(coordinates, 4) * y + stepY * first;
    // in this order: each writes a few bytes beyond its end
    fillPixels(row, first, fill);
    if (isRowShear) filterRow(source + <i32>(yy >> 32) * width * 3, width, row + first * 3, end, x);
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
  // both coordinates change one way: pixels with taps beyond the border stand at the ends of the run
  for (; target < end && !isInside(x, y, width, height); target += 3) {
    store<u32>(target, interpolateOne(source, width, height, x, y));
    x += stepX;
    y += stepY;
  }
  let count: i64 = (end - target) / 3;
  while (count > 0 && !isInside(x + (count - 1) * stepX, y + (count - 1) * stepY, width, height)) count--;
  const inFours = count & ~3;
  interpolateFours(source, width * 3, target, target + <i32>inFours * 3, x, y, stepX, stepY);
  x += inFours * stepX;
  y += inFours * stepY;
  for (target += <i32>inFours * 3; target < end; target += 3) {
    store<u32>(target, interpolateOne(source, width, height, x, y));
    x += stepX;
    y += stepY;
  }
}

/** Whether all four taps lie in the image. */
function isInside(x: i64, y: i64, width: i32, height: i32): bool {
  return <u32>(x >> 32) < <u32>(width - 1) && <u32>(y >> 32) < <u32>(height - 1);
}

/** One pixel, wherever its taps lie. */
function interpolateOne(source: usize, width: i32, height: i32, x: i64, y: i64): u32 {
  const left = clamp(<i32>(x >> 32), width - 1) * 3;
  const right = clamp(<i32>(x >> 32) + 1, width - 1) * 3;
  const upper = source + clamp(<i32>(y >> 32), height - 1) * width * 3;
  const lower = source + clamp(<i32>(y >> 32) + 1, height - 1) * width * 3;
  const fractionX = <u32>x / FRACTION_UNIT;
  const fractionY = <u32>y / FRACTION_UNIT;
  const both = <u32>((<u64>fractionX * fractionY) / ONE);
  const onlyX = fractionX - both;
  const onlyY = fractionY - both;
  const neither = i32x4.splat(ONE - fractionX - onlyY);
  const pairsLeft = pairsAt(upper + left, lower + left);
  const pairsRight = pairsAt(upper + right, lower + right);
  const x1 = i32x4.splat(onlyX);
  const y1 = i32x4.splat(onlyY);
  const xy = i32x4.splat(both);
  const levels = levelsOf(
    twoDots(pairsLeft, highPairs(neither, y1), pairsRight, highPairs(x1, xy)),
    twoDots(pairsLeft, lowPairs(neither, y1), pairsRight, lowPairs(x1, xy)),
  );
  const pixel = i8x16.swizzle(levels, i8x16(0, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
  return i32x4.extract_lane(pixel, 0);
}

/** Red, green, blue of two taps, each the upper tap's and the lower's. */
function pairsAt(upper: usize, lower: usize): v128 {
  const first = v128.load32_zero(upper);
  const second = v128.load32_zero(lower);
  const bytes = v128.shuffle<u8>(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return i16x8.extend_low_i8x16_u(bytes);
}
