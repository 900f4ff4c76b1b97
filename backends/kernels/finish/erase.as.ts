// Parts of rows that are erased (erased.ts), a run of pixels at a time; fixed-point numbers are i32, three a pixel.
import { noiseWords4 } from '../normal-noise/noise-indices.as';
import { powerOfTwo, toHalves } from './elements.as';

const SHARE_BITS = 15;
const NOISE_SHIFT = 4;

const words = memory.data(32, 16);

/** The same three elements, by their bits, in each pixel. */
export function fillPixels(
  target: usize,
  pixels: i32,
  red: u32,
  green: u32,
  blue: u32,
  elementBytes: i32,
  pixelStep: usize,
  channelStep: usize,
): void {
  for (let p = 0; p < pixels; p++, target += pixelStep) {
    storeElement(target, red, elementBytes);
    storeElement(target + channelStep, green, elementBytes);
    storeElement(target + 2 * channelStep, blue, elementBytes);
  }
}

function storeElement(target: usize, bits: u32, elementBytes: i32): void {
  if (elementBytes == 2) store<u16>(target, <u16>bits);
  else store<u32>(target, bits);
}

/** Noise of the pixels from number `first` on: three of `values` each, by their indices. */
export function noisePixels(
  target: usize,
  pixels: i32,
  first: u32,
  key0: u32,
  key1: u32,
  values: usize,
): void {
  for (let p = 0; p < pixels; p += 4) {
    noiseWords4(first + p, key0, key1, words);
    const count = min(4, pixels - p);
    for (let lane: usize = 0; lane < <usize>count; lane++, target += 12) {
      const at = words + (lane << 2);
      store<i32>(target, load<i32>(values + ((<usize>load<u16>(at)) << 2)));
      store<i32>(target, load<i32>(values + ((<usize>load<u16>(at, 2)) << 2)), 4);
      store<i32>(target, load<i32>(values + ((<usize>load<u16>(at, 16)) << 2)), 8);
    }
  }
}

/** Makes terms of a blend of noise, in place: `noiseTerm` of terms.ts. */
export function weighNoise(noise: usize, count: i32, share: i32, shift: i32): void {
  const cut = NOISE_SHIFT - shift;
  const half = (1 << cut) >> 1;
  for (const end = noise + ((<usize>count) << 2); noise < end; noise += 4) {
    const rounded = (load<i32>(noise) + (1 << (SHARE_BITS - 1))) >> SHARE_BITS;
    store<i32>(noise, (rounded * share + half) >> cut);
  }
}

/** Adds numbers to others; up to three more after the last. */
export function addTerms(own: usize, other: usize, count: i32): void {
  for (const end = own + ((<usize>count) << 2); own < end; own += 16, other += 16)
    v128.store(own, i32x4.add(v128.load(own), v128.load(other)));
}

/** Elements of numbers in units of 2^-(24 + shift). */
export function placeNumbers(
  numbers: usize,
  target: usize,
  pixels: i32,
  shift: i32,
  elementBytes: i32,
  pixelStep: usize,
  channelStep: usize,
): void {
  const unit = f32x4.splat(powerOfTwo(-24 - shift));
  for (let p = 0; p < pixels; p++, numbers += 12, target += pixelStep) {
    const fixed = v128.load(numbers);
    if (elementBytes == 2) {
      const halves = toHalves(fixed, unit);
      v128.store_lane<i16>(target, halves, 0);
      v128.store_lane<i16>(target + channelStep, halves, 2);
      v128.store_lane<i16>(target + 2 * channelStep, halves, 4);
    } else {
      const floats = f32x4.mul(f32x4.convert_i32x4_s(fixed), unit);
      v128.store_lane<i32>(target, floats, 0);
      v128.store_lane<i32>(target + channelStep, floats, 1);
      v128.store_lane<i32>(target + 2 * channelStep, floats, 2);
    }
  }
}
