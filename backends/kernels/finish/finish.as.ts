import { powerOfTwo, toHalves } from './elements.as';

export { normalizeHalfFast } from './arithmetic.as';
export { addTerms, fillPixels, noisePixels, placeNumbers, weighNoise } from './erase.as';

// Normalising (see finish.ts): elements of `pixels` pixels, `pixelStep` bytes apart, their channels `channelStep` bytes
// apart. That is 6 and 2 for nhwc float16, 2 and 2 * pixels for nchw.

/** A table whose entry for a byte is the one that `table` has for what `bytes` makes of it. */
export function composeTables(bytes: usize, table: usize, target: usize, elementBytes: i32): void {
  for (let i: usize = 0; i < 768; i++) {
    const from = (i & ~255) + <usize>load<u8>(bytes + i);
    if (elementBytes == 2) store<u16>(target + (i << 1), load<u16>(table + (from << 1)));
    else store<u32>(target + (i << 2), load<u32>(table + (from << 2)));
  }
}

/** One channel of an i32 table. */
const TABLE_BYTES: usize = 1024;

/** float16 by table: 768 halves. */
export function normalizeHalf(
  source: usize,
  target: usize,
  pixels: i32,
  table: usize,
  pixelStep: usize,
  channelStep: usize,
): void {
  if (pixelStep == 6 && channelStep == 2) {
    // eight halves a store: 38 -> 31 us for 224x224 pixels
    for (; pixels >= 8; pixels -= 8, source += 24, target += 48) {
      v128.store(target, eightHalves(source, table, table + 512, table + 1024));
      v128.store(target, eightHalves(source + 8, table + 1024, table, table + 512), 16);
      v128.store(target, eightHalves(source + 16, table + 512, table + 1024, table), 32);
    }
  }
  for (const end = source + <usize>(pixels * 3); source < end; source += 3, target += pixelStep) {
    store<u16>(target, load<u16>(table + ((<usize>load<u8>(source)) << 1)));
    store<u16>(target + channelStep, load<u16>(table + ((<usize>load<u8>(source, 1)) << 1), 512));
    store<u16>(target + 2 * channelStep, load<u16>(table + ((<usize>load<u8>(source, 2)) << 1), 1024));
  }
}

/** Of eight bytes side by side, whose channels' tables take turns. */
function eightHalves(source: usize, first: usize, second: usize, third: usize): v128 {
  let halves = v128.load16_splat(halfAt(source, first));
  halves = v128.load_lane<u16>(halfAt(source + 1, second), halves, 1);
  halves = v128.load_lane<u16>(halfAt(source + 2, third), halves, 2);
  halves = v128.load_lane<u16>(halfAt(source + 3, first), halves, 3);
  halves = v128.load_lane<u16>(halfAt(source + 4, second), halves, 4);
  halves = v128.load_lane<u16>(halfAt(source + 5, third), halves, 5);
  halves = v128.load_lane<u16>(halfAt(source + 6, first), halves, 6);
  return v128.load_lane<u16>(halfAt(source + 7, second), halves, 7);
}

/** Where a table has the half of this byte. */
function halfAt(source: usize, table: usize): usize {
  return table + ((<usize>load<u8>(source)) << 1);
}

/** float32 by table: 768 floats. */
export function normalizeFloat(
  source: usize,
  target: usize,
  pixels: i32,
  table: usize,
  pixelStep: usize,
  channelStep: usize,
): void {
  for (const end = source + <usize>(pixels * 3); source < end; source += 3, target += pixelStep) {
    store<u32>(target, load<u32>(table + ((<usize>load<u8>(source)) << 2)));
    store<u32>(target + channelStep, load<u32>(table + ((<usize>load<u8>(source, 1)) << 2), 1024));
    store<u32>(target + 2 * channelStep, load<u32>(table + ((<usize>load<u8>(source, 2)) << 2), 2048));
  }
}

/**
 * MixUp: the sums of two i32 tables of 768 entries each, in units of 2^-(24 + shift), rounded once, to float16 where
 * `elementBytes` is 2, else to float32.
 */
export function mix(
  source: usize,
  partner: usize,
  target: usize,
  pixels: i32,
  own: usize,
  other: usize,
  shift: i32,
  elementBytes: i32,
  pixelStep: usize,
  channelStep: usize,
): void {
  const unit = f32x4.splat(powerOfTwo(-24 - shift));
  for (let channel = 0; channel < 3; channel++) {
    if (elementBytes == 2) mixTo<u16>(source, partner, target, pixels, own, other, unit, pixelStep);
    else mixTo<f32>(source, partner, target, pixels, own, other, unit, pixelStep);
    source++;
    partner++;
    target += channelStep;
    own += TABLE_BYTES;
    other += TABLE_BYTES;
  }
}

/** One channel. What the last step writes too much, the next channel writes over. */
function mixTo<T>(
  source: usize,
  partner: usize,
  target: usize,
  pixels: i32,
  own: usize,
  other: usize,
  unit: v128,
  pixelStep: usize,
): void {
  for (let p = 0; p < pixels; p += 4, target += 4 * pixelStep) {
    const at = <usize>p * 3;
    const sums = fourSums(source + at, partner + at, own, other);
    if (isFloat<T>()) storeFloats(target, pixelStep, f32x4.mul(f32x4.convert_i32x4_s(sums), unit));
    else storeHalves(target, pixelStep, toHalves(sums, unit));
  }
}

function storeHalves(target: usize, step: usize, halves: v128): void {
  v128.store_lane<i16>(target, halves, 0);
  v128.store_lane<i16>(target + step, halves, 2);
  v128.store_lane<i16>(target + 2 * step, halves, 4);
  v128.store_lane<i16>(target + 3 * step, halves, 6);
}

function storeFloats(target: usize, step: usize, floats: v128): void {
  v128.store_lane<i32>(target, floats, 0);
  v128.store_lane<i32>(target + step, floats, 1);
  v128.store_lane<i32>(target + 2 * step, floats, 2);
  v128.store_lane<i32>(target + 3 * step, floats, 3);
}

/** own[byte] + other[partner's byte] of one channel of four pixels. */
function fourSums(source: usize, partner: usize, own: usize, other: usize): v128 {
  let a = v128.load32_zero(own + ((<usize>load<u8>(source)) << 2));
  a = v128.load_lane<i32>(own + ((<usize>load<u8>(source, 3)) << 2), a, 1);
  a = v128.load_lane<i32>(own + ((<usize>load<u8>(source, 6)) << 2), a, 2);
  a = v128.load_lane<i32>(own + ((<usize>load<u8>(source, 9)) << 2), a, 3);
  let b = v128.load32_zero(other + ((<usize>load<u8>(partner)) << 2));
  b = v128.load_lane<i32>(other + ((<usize>load<u8>(partner, 3)) << 2), b, 1);
  b = v128.load_lane<i32>(other + ((<usize>load<u8>(partner, 6)) << 2), b, 2);
  b = v128.load_lane<i32>(other + ((<usize>load<u8>(partner, 9)) << 2), b, 3);
  return i32x4.add(a, b);
}
