import { blend4 } from '../blend.as';
import { blue4, green4, luma4, red4 } from '../luma.as';

const EQUALIZE: u32 = 0;
const CONTRAST: u32 = 2;

/** Four histograms a channel, so that equal neighbours do not wait for each other's count: [4][3][256] u32. */
const COUNTS_SIZE = 4 * 3 * 256 * 4;
const counts = memory.data(COUNTS_SIZE, 16);
/** Tables of u32, each already at its channel's place in a pixel: [3][256]. */
const tables = memory.data(3 * 256 * 4, 16);

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
  countLevels(source, pixels);
  for (let channel = 0; channel < 3; channel++) {
    const histogram = counts + channel * 1024;
    const table = tables + channel * 1024;
    if (statistic == EQUALIZE) makeEqualizeTable(histogram, pixels, table, channel * 8);
    else makeAutoContrastTable(histogram, table, channel * 8);
  }
  applyTables(source, target, pixels);
}

function countLevels(source: usize, pixels: i32): void {
  memory.fill(counts, 0, COUNTS_SIZE);
  let at = source;
  const end = source + (pixels & ~3) * 3;
  for (; at < end; at += 12) {
    const low = load<u64>(at);
    const high = load<u32>(at, 8);
    increment(low, 0);
    increment(low >>> 8, 1024);
    increment(low >>> 16, 2048);
    increment(low >>> 24, 3072);
    increment(low >>> 32, 4096);
    increment(low >>> 40, 5120);
    increment(low >>> 48, 6144);
    increment(low >>> 56, 7168);
    increment(high, 8192);
    increment(high >>> 8, 9216);
    increment(high >>> 16, 10240);
    increment(high >>> 24, 11264);
  }
  for (const last = source + pixels * 3; at < last; at += 3) {
    const pixel = load<u32>(at);
    increment(pixel, 0);
    increment(pixel >>> 8, 1024);
    increment(pixel >>> 16, 2048);
  }
  for (let i: usize = 0; i < 3072; i += 16) {
    const half = i32x4.add(v128.load(counts + i), v128.load(counts + i, 3072));
    const rest = i32x4.add(v128.load(counts + i, 6144), v128.load(counts + i, 9216));
    v128.store(counts + i, i32x4.add(half, rest));
  }
}

// @ts-ignore: decorator
@inline
function increment(value: u64, offset: usize): void {
  const at = counts + (<usize>(<u32>value & 0xff) << 2);
  store<u32>(at + offset, load<u32>(at + offset) + 1);
}

function makeEqualizeTable(histogram: usize, pixels: i32, table: usize, shift: u32): void {
  let last = 255;
  while (load<u32>(histogram + (last << 2)) == 0) last--;
  const step = (pixels - load<u32>(histogram + (last << 2))) / 255;
  let sum: u32 = step >>> 1;
  for (let v = 0; v < 256; v++) {
    const value = step == 0 ? v : min<u32>(255, sum / step);
    store<u32>(table + (v << 2), value << shift);
    sum += load<u32>(histogram + (v << 2));
  }
}

function makeAutoContrastTable(histogram: usize, table: usize, shift: u32): void {
  let low = 0;
  let high = 255;
  while (load<u32>(histogram + (low << 2)) == 0) low++;
  while (load<u32>(histogram + (high << 2)) == 0) high--;
  const scale = high > low ? 255.0 / <f64>(high - low) : 1;
  const offset = high > low ? <f64>-low * scale : 0;
  for (let v = 0; v < 256; v++) {
    const value = <i32>(<f64>v * scale + offset);
    store<u32>(table + (v << 2), max(0, min(255, value)) << shift);
  }
}

/** Stores four bytes a pixel; the next pixel overwrites the fourth. */
function applyTables(source: usize, target: usize, pixels: i32): void {
  const end = source + pixels * 3;
  for (let from = source, to = target; from < end; from += 3, to += 3) {
    const pixel = load<u32>(from);
    const r = load<u32>(tables + ((pixel & 0xff) << 2));
    const g = load<u32>(tables + (((pixel >>> 8) & 0xff) << 2), 1024);
    const b = load<u32>(tables + (((pixel >>> 16) & 0xff) << 2), 2048);
    store<u32>(to, r | g | b);
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

// @ts-ignore: decorator
@inline
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

// @ts-ignore: decorator
@inline
function blend8(means: v128, values: v128, factors: v128): v128 {
  return i16x8.narrow_i32x4_s(
    blend4(means, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(values)), factors),
    blend4(means, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(values)), factors),
  );
}
