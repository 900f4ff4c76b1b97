import { blend4 } from '../blend.as';
import { blue4, green4, luma4, red4 } from '../luma.as';
import { lut } from '../lut/lut.as';

const EQUALIZE: u32 = 0;
const CONTRAST: u32 = 2;

/** Four histograms a channel, so that equal neighbours do not wait for each other's count: u32 [4][3][256]. */
const COUNTS_SIZE = 4 * 3 * 256 * 4;
const counts = memory.data(COUNTS_SIZE, 16);
const tables = memory.data(3 * 256, 16);

export function statisticsLut(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  statistic: u32,
  factor: f32,
): void {
  const pixels = width * height;
  if (statistic == CONTRAST) {
    blendWith(meanLuma(source, pixels), source, target, pixels, factor);
    return;
  }
  measuredTables(source, pixels, statistic, tables);
  lut(source, target, width, height, tables);
}

/** The tables by which it would send the image. */
export function statisticsLutTables(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  statistic: u32,
  factor: f32,
): void {
  const pixels = width * height;
  if (statistic == CONTRAST) blendedTables(meanLuma(source, pixels), factor, target);
  else measuredTables(source, pixels, statistic, target);
}

function measuredTables(source: usize, pixels: i32, statistic: u32, target: usize): void {
  countLevels(source, pixels);
  for (let channel = 0; channel < 3; channel++) {
    const histogram = counts + channel * 1024;
    const table = target + channel * 256;
    if (statistic == EQUALIZE) makeEqualizeTable(histogram, pixels, table);
    else makeAutoContrastTable(histogram, table);
  }
}

/** What blending makes of bytes 0..255, for each channel. */
function blendedTables(mean: u32, factor: f32, target: usize): void {
  for (let v = 0; v < 256; v++) store<u8>(tables + v, v);
  // 86 pixels: what they are beyond the bytes is written over
  blendWith(mean, tables, target, 86, factor);
  memory.copy(target + 256, target, 256);
  memory.copy(target + 512, target, 256);
}

/** Leaves the counts of the whole image in the first three histograms. */
function countLevels(source: usize, pixels: i32): void {
  memory.fill(counts, 0, COUNTS_SIZE);
  let at = source;
  for (const end = source + (pixels & ~3) * 3; at < end; at += 12) {
    countPixel(at, counts);
    countPixel(at + 3, counts + 3072);
    countPixel(at + 6, counts + 6144);
    countPixel(at + 9, counts + 9216);
  }
  for (const end = source + pixels * 3; at < end; at += 3) countPixel(at, counts);
  for (let i: usize = 0; i < 3072; i += 16) {
    const half = i32x4.add(v128.load(counts + i), v128.load(counts + i, 3072));
    const rest = i32x4.add(v128.load(counts + i, 6144), v128.load(counts + i, 9216));
    v128.store(counts + i, i32x4.add(half, rest));
  }
}

function countPixel(at: usize, histograms: usize): void {
  increment(histograms + ((<usize>load<u8>(at)) << 2));
  increment(histograms + 1024 + ((<usize>load<u8>(at, 1)) << 2));
  increment(histograms + 2048 + ((<usize>load<u8>(at, 2)) << 2));
}

function increment(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

function makeEqualizeTable(histogram: usize, pixels: i32, table: usize): void {
  let last = 255;
  while (load<u32>(histogram + (last << 2)) == 0) last--;
  const step = (pixels - load<u32>(histogram + (last << 2))) / 255;
  let sum: u32 = step >>> 1;
  for (let v = 0; v < 256; v++) {
    const value = step == 0 ? v : min<u32>(255, sum / step);
    store<u8>(table + v, value);
    sum += load<u32>(histogram + (v << 2));
  }
}

function makeAutoContrastTable(histogram: usize, table: usize): void {
  let low = 0;
  let high = 255;
  while (load<u32>(histogram + (low << 2)) == 0) low++;
  while (load<u32>(histogram + (high << 2)) == 0) high--;
  const scale = high > low ? 255.0 / <f64>(high - low) : 1;
  const offset = high > low ? <f64>-low * scale : 0;
  for (let v = 0; v < 256; v++) {
    const value = <i32>(<f64>v * scale + offset);
    store<u8>(table + v, max(0, min(255, value)));
  }
}

function meanLuma(source: usize, pixels: i32): u32 {
  let sums = i64x2.splat(0);
  let at = source;
  const end = source + (pixels & ~3) * 3;
  for (; at < end; at += 12) {
    const four = lumaAt(at);
    sums = i64x2.add(sums, i64x2.add(i64x2.extend_low_i32x4_u(four), i64x2.extend_high_i32x4_u(four)));
  }
  let sum = i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
  for (const last = source + pixels * 3; at < last; at += 3) sum += i32x4.extract_lane(lumaAt(at), 0);
  return <u32>((2 * sum + pixels) / (2 * pixels));
}

function lumaAt(at: usize): v128 {
  const bytes = v128.load(at);
  return luma4(red4(bytes), green4(bytes), blue4(bytes));
}

function blendWith(mean: u32, source: usize, target: usize, pixels: i32, factor: f32): void {
  const means = f32x4.splat(<f32>mean);
  const factors = f32x4.splat(factor);
  const end = source + pixels * 3;
  for (let from = source, to = target; from < end; from += 16, to += 16) {
    const low = blend8(means, v128.load_ext<u8>(from), factors);
    const high = blend8(means, v128.load_ext<u8>(from + 8), factors);
    v128.store(to, i8x16.narrow_i16x8_u(low, high));
  }
}

function blend8(means: v128, values: v128, factors: v128): v128 {
  return i16x8.narrow_i32x4_s(
    blend4(means, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(values)), factors),
    blend4(means, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(values)), factors),
  );
}
