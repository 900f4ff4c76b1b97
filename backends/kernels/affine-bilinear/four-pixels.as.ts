import { highPairs, levelsOf, lowPairs, ONE } from './weights.as';

/** Four reds, greens and blues to four pixels. Loaded, since a constant is made anew wherever it is used. */
const PACKING = memory.data<u8>([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 255, 255, 255, 255], 16);

/**
 * A multiple of four pixels from `target` to `end`, all of whose taps lie inside; writes 4 bytes beyond. Four pixels are the
 * lanes of a vector: 1.6x as fast on an AMD EPYC as four vectors whose lanes are channels.
 */
export function interpolateFours(
  source: usize,
  bytesPerRow: i32,
  target: usize,
  end: usize,
  x: i64,
  y: i64,
  stepX: i64,
  stepY: i64,
): void {
  const packing = v128.load(PACKING);
  const nextX = i32x4.splat((<i32>stepX) << 2);
  const nextY = i32x4.splat((<i32>stepY) << 2);
  let wordsX = fourWords(x, stepX);
  let wordsY = fourWords(y, stepY);
  for (; target < end; target += 12) {
    const taps0 = tapsAt(source, bytesPerRow, x, y);
    const taps1 = tapsAt(source, bytesPerRow, (x += stepX), (y += stepY));
    const taps2 = tapsAt(source, bytesPerRow, (x += stepX), (y += stepY));
    const taps3 = tapsAt(source, bytesPerRow, (x += stepX), (y += stepY));
    x += stepX;
    y += stepY;
    const start01 = v128.shuffle<u16>(taps0, taps1, 0, 8, 1, 9, 2, 10, 3, 11);
    const start23 = v128.shuffle<u16>(taps2, taps3, 0, 8, 1, 9, 2, 10, 3, 11);
    const rest01 = v128.shuffle<u16>(taps0, taps1, 4, 12, 5, 13, 6, 14, 7, 15);
    const rest23 = v128.shuffle<u16>(taps2, taps3, 4, 12, 5, 13, 6, 14, 7, 15);
    const leftRedGreen = v128.shuffle<u32>(start01, start23, 0, 4, 1, 5);
    const leftBlueRightRed = v128.shuffle<u32>(start01, start23, 2, 6, 3, 7);
    const rightGreenBlue = v128.shuffle<u32>(rest01, rest23, 0, 4, 1, 5);

    const fractionX = i32x4.shr_u(wordsX, 3);
    const fractionY = i32x4.shr_u(wordsY, 3);
    wordsX = i32x4.add(wordsX, nextX);
    wordsY = i32x4.add(wordsY, nextY);
    const both = fourProducts(fractionX, fractionY);
    const onlyX = i32x4.sub(fractionX, both);
    const onlyY = i32x4.sub(fractionY, both);
    const neither = i32x4.sub(i32x4.sub(i32x4.splat(ONE), fractionX), onlyY);
    const leftHigh = highPairs(neither, onlyY);
    const leftLow = lowPairs(neither, onlyY);
    const rightHigh = highPairs(onlyX, both);
    const rightLow = lowPairs(onlyX, both);

    let left = i16x8.extend_low_i8x16_u(leftRedGreen);
    let right = i16x8.extend_high_i8x16_u(leftBlueRightRed);
    const red = levelsOf(twoDots(left, leftHigh, right, rightHigh), twoDots(left, leftLow, right, rightLow));
    left = i16x8.extend_high_i8x16_u(leftRedGreen);
    right = i16x8.extend_low_i8x16_u(rightGreenBlue);
    const green = levelsOf(
      twoDots(left, leftHigh, right, rightHigh),
      twoDots(left, leftLow, right, rightLow),
    );
    left = i16x8.extend_low_i8x16_u(leftBlueRightRed);
    right = i16x8.extend_high_i8x16_u(rightGreenBlue);
    const blue = levelsOf(twoDots(left, leftHigh, right, rightHigh), twoDots(left, leftLow, right, rightLow));
    const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(red, green), i16x8.narrow_i32x4_s(blue, blue));
    v128.store(target, i8x16.swizzle(bytes, packing));
  }
}

/** The low words of a coordinate and of the three after it. */
function fourWords(first: i64, step: i64): v128 {
  return i32x4.add(i32x4.splat(<i32>first), i32x4.mul(i32x4.splat(<i32>step), i32x4(0, 1, 2, 3)));
}

/** Red, green, blue of the left and of the right taps, each the upper tap's byte and the lower's. */
function tapsAt(source: usize, bytesPerRow: i32, x: i64, y: i64): v128 {
  const at = source + <i32>(y >> 32) * bytesPerRow + <i32>(x >> 32) * 3;
  const upper = v128.load64_zero(at);
  const lower = v128.load64_zero(at + bytesPerRow);
  return v128.shuffle<u8>(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** The products of fractions of 29 bits, cut to 29 bits. */
function fourProducts(a: v128, b: v128): v128 {
  const shifted = i32x4.shl(a, 3);
  const first = i64x2.extmul_low_i32x4_u(shifted, b);
  const second = i64x2.extmul_high_i32x4_u(shifted, b);
  return v128.shuffle<u32>(first, second, 1, 3, 5, 7);
}

export function twoDots(a: v128, weightsA: v128, b: v128, weightsB: v128): v128 {
  return i32x4.add(i32x4.dot_i16x8_s(a, weightsA), i32x4.dot_i16x8_s(b, weightsB));
}
