import { clamp, coefficient } from '../coordinates.as';
import { fillPixels } from '../pixel.as';

/** Four pixels have their weights worked out together; then a pixel's channels are lanes, its taps pairs of i16. */
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
  for (let y = 0; y < height; y++) {
    const run = load<u32>(runs + (y << 2));
    const first = run & 0xffff;
    const last = run >>> 16;
    const row = target + y * width * 3;
    const x = coefficient(coordinates, 2) + coefficient(coordinates, 1) * y + stepX * first;
    const yy = coefficient(coordinates, 5) + coefficient(coordinates, 4) * y + stepY * first;
    // in this order: each writes one byte beyond its end
    fillPixels(row, first, fill);
    interpolateRun(source, width, height, row + first * 3, row + last * 3, x, yy, stepX, stepY);
    fillPixels(row + last * 3, width - last, fill);
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
  // the coordinates change one way: pixels with taps beyond the border stand at the ends of the run
  for (; target < end && !isInside(x, y, width, height); target += 3) {
    store<u32>(target, interpolateOne(source, width, height, x, y));
    x += stepX;
    y += stepY;
  }
  let inner = end;
  for (let count: i64 = (end - target) / 3; inner > target; inner -= 3) {
    count--;
    if (isInside(x + count * stepX, y + count * stepY, width, height)) break;
  }
  for (; target + 12 <= inner; target += 12) {
    interpolateFour(source, width * 3, target, x, y, stepX, stepY);
    x += stepX << 2;
    y += stepY << 2;
  }
  for (; target < end; target += 3) {
    store<u32>(target, interpolateOne(source, width, height, x, y));
    x += stepX;
    y += stepY;
  }
}

/** Whether all four taps lie in the image. */
function isInside(x: i64, y: i64, width: i32, height: i32): bool {
  return <u32>(x >> 32) < <u32>(width - 1) && <u32>(y >> 32) < <u32>(height - 1);
}

function interpolateFour(
  source: usize,
  bytesPerRow: i32,
  target: usize,
  x: i64,
  y: i64,
  stepX: i64,
  stepY: i64,
): void {
  const fractionX = fractionsOf(x, stepX);
  const fractionY = fractionsOf(y, stepY);
  const both = productOf(fractionX, fractionY);
  const onlyX = i32x4.sub(fractionX, both);
  const onlyY = i32x4.sub(fractionY, both);
  const neither = i32x4.sub(i32x4.sub(i32x4.splat(1 << 24), fractionX), onlyY);
  const upperHigh = highPairs(neither, onlyX);
  const upperLow = lowPairs(neither, onlyX);
  const lowerHigh = highPairs(onlyY, both);
  const lowerLow = lowPairs(onlyY, both);
  let at = source + <i32>(y >> 32) * bytesPerRow + <i32>(x >> 32) * 3;
  blend(
    at,
    bytesPerRow,
    target,
    v128.shuffle<i32>(upperHigh, upperHigh, 0, 0, 0, 0),
    v128.shuffle<i32>(upperLow, upperLow, 0, 0, 0, 0),
    v128.shuffle<i32>(lowerHigh, lowerHigh, 0, 0, 0, 0),
    v128.shuffle<i32>(lowerLow, lowerLow, 0, 0, 0, 0),
  );
  x += stepX;
  y += stepY;
  at = source + <i32>(y >> 32) * bytesPerRow + <i32>(x >> 32) * 3;
  blend(
    at,
    bytesPerRow,
    target + 3,
    v128.shuffle<i32>(upperHigh, upperHigh, 1, 1, 1, 1),
    v128.shuffle<i32>(upperLow, upperLow, 1, 1, 1, 1),
    v128.shuffle<i32>(lowerHigh, lowerHigh, 1, 1, 1, 1),
    v128.shuffle<i32>(lowerLow, lowerLow, 1, 1, 1, 1),
  );
  x += stepX;
  y += stepY;
  at = source + <i32>(y >> 32) * bytesPerRow + <i32>(x >> 32) * 3;
  blend(
    at,
    bytesPerRow,
    target + 6,
    v128.shuffle<i32>(upperHigh, upperHigh, 2, 2, 2, 2),
    v128.shuffle<i32>(upperLow, upperLow, 2, 2, 2, 2),
    v128.shuffle<i32>(lowerHigh, lowerHigh, 2, 2, 2, 2),
    v128.shuffle<i32>(lowerLow, lowerLow, 2, 2, 2, 2),
  );
  x += stepX;
  y += stepY;
  at = source + <i32>(y >> 32) * bytesPerRow + <i32>(x >> 32) * 3;
  blend(
    at,
    bytesPerRow,
    target + 9,
    v128.shuffle<i32>(upperHigh, upperHigh, 3, 3, 3, 3),
    v128.shuffle<i32>(upperLow, upperLow, 3, 3, 3, 3),
    v128.shuffle<i32>(lowerHigh, lowerHigh, 3, 3, 3, 3),
    v128.shuffle<i32>(lowerLow, lowerLow, 3, 3, 3, 3),
  );
}

/** Of a coordinate and the three after it, 24 bits. */
function fractionsOf(start: i64, step: i64): v128 {
  const first = i32x4.splat(<i32>start);
  const steps = i32x4.mul(i32x4.splat(<i32>step), i32x4(0, 1, 2, 3));
  return i32x4.shr_u(i32x4.add(first, steps), 8);
}

/** The products' upper 24 bits. */
function productOf(a: v128, b: v128): v128 {
  const shifted = i32x4.shl(a, 8);
  const first = i64x2.extmul_low_i32x4_u(shifted, b);
  const second = i64x2.extmul_high_i32x4_u(shifted, b);
  return v128.shuffle<i32>(first, second, 1, 3, 5, 7);
}

/** Two weights a pixel as pairs of i16: what they hold above their lowest 10 bits. */
function highPairs(first: v128, second: v128): v128 {
  return v128.or(i32x4.shr_u(first, 10), i32x4.shl(i32x4.shr_u(second, 10), 16));
}

function lowPairs(first: v128, second: v128): v128 {
  const mask = i32x4.splat(1023);
  return v128.or(v128.and(first, mask), i32x4.shl(v128.and(second, mask), 16));
}

/** Writes a pixel, and one byte beyond it. */
function blend(
  at: usize,
  bytesPerRow: i32,
  target: usize,
  upperHigh: v128,
  upperLow: v128,
  lowerHigh: v128,
  lowerLow: v128,
): void {
  const upper = pairsOf(v128.load64_zero(at));
  const lower = pairsOf(v128.load64_zero(at + bytesPerRow));
  const high = i32x4.add(i32x4.dot_i16x8_s(upper, upperHigh), i32x4.dot_i16x8_s(lower, lowerHigh));
  const low = i32x4.add(i32x4.dot_i16x8_s(upper, upperLow), i32x4.dot_i16x8_s(lower, lowerLow));
  const sum = i32x4.add(i32x4.shl(high, 10), low);
  // a level is the upper byte of its lane
  const pixel = i8x16.swizzle(sum, i8x16(3, 7, 11, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
  v128.store32_lane(target, pixel, 0);
}

/** Two neighbouring pixels as pairs of i16, a channel a pair. */
function pairsOf(bytes: v128): v128 {
  return i8x16.swizzle(bytes, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
}

function interpolateOne(source: usize, width: i32, height: i32, x: i64, y: i64): u32 {
  const left = clamp(<i32>(x >> 32), width - 1) * 3;
  const right = clamp(<i32>(x >> 32) + 1, width - 1) * 3;
  const upper = source + clamp(<i32>(y >> 32), height - 1) * width * 3;
  const lower = source + clamp(<i32>(y >> 32) + 1, height - 1) * width * 3;
  const fractionX = <u32>x >>> 8;
  const fractionY = <u32>y >>> 8;
  const both = <u32>((<u64>fractionX * fractionY) >> 24);
  const onlyX = fractionX - both;
  const onlyY = fractionY - both;
  const sum = i32x4.add(
    i32x4.add(weighted(upper + left, (1 << 24) - fractionX - onlyY), weighted(upper + right, onlyX)),
    i32x4.add(weighted(lower + left, onlyY), weighted(lower + right, both)),
  );
  const pixel = i8x16.swizzle(sum, i8x16(3, 7, 11, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
  return i32x4.extract_lane(pixel, 0);
}

function weighted(at: usize, weight: u32): v128 {
  const channels = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
  return i32x4.mul(channels, i32x4.splat(weight));
}
