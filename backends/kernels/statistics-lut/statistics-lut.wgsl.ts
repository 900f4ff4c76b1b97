import { blendTables, residentBlendTable } from '../blend-table.ts';
import { u32 } from '../kernel.ts';
import { definePreparedShader, residentTable } from '../shader.ts';
import { exceptionsTable } from './auto-contrast-exceptions.ts';
import { Statistic, statisticsLut } from './statistics-lut.ts';

/** Sends pixels through the table that `makeTable` has made of the image; a table that a statistic has no use for is 0. */
export const statisticsLutShader = definePreparedShader(statisticsLut, {
  layout: { statistic: u32, blend: residentTable(blendTables), exceptions: residentTable(exceptionsTable) },
  prepare: ({ statistic, factor }, tables) => ({
    statistic,
    blend: statistic === Statistic.contrast ? residentBlendTable(tables, factor) : undefined,
    exceptions: statistic === Statistic.autoContrast ? tables.get(exceptionsTable) : undefined,
  }),
  source: /* wgsl */ `
fn statisticsLut(call: StatisticsLut, image: Image, x: u32, y: u32) -> u32 {
  let v = channelsOf(pixelAt(image, x, y));
  return (pixels[image.table + v.x] & 0xffu) |
    (pixels[image.table + v.y] & 0xff00u) |
    (pixels[image.table + v.z] & 0xff0000u);
}
`,
});

/** Workgroups that count the pixels of an image together. */
export const COUNTING_GROUPS = 16;

/** Pixels of each level of each channel. */
export const BINS = 768;

/**
 * Two dispatches make an image's table. In the first, COUNTING_GROUPS workgroups call `countLevels` and each adds what it
 * counts to the image's bins, which are zero before. In the second, one workgroup calls `makeTable`, which makes of them 256
 * words of R | G << 8 | B << 16. All 256 invocations call either, once, with a lane each. Both count on workgroup memory being
 * zero at first; sums of u32 do not depend on their order.
 */
export const measureSource = /* wgsl */ `
@group(0) @binding(5) var<storage, read_write> bins: array<atomic<u32>>;

const EQUALIZE = ${Statistic.equalize}u;
const CONTRAST = ${Statistic.contrast}u;

// Pixels of each level. Several copies, since invocations that count equal pixels wait for each other.
const COPIES = 3u;
var<workgroup> counts: array<atomic<u32>, ${BINS}u * COPIES>;

fn countLevels(call: StatisticsLut, image: Image, firstBin: u32, part: u32, lane: u32) {
  let total = image.width * image.height;
  let share = (total + ${COUNTING_GROUPS - 1}u) / ${COUNTING_GROUPS}u;
  let end = image.at + min(total, (part + 1u) * share);
  let copy = (lane % COPIES) * ${BINS}u;
  var at = image.at + part * share + lane;
  // four pixels on their way at a time
  for (; at + 768u < end; at += 1024u) {
    let first = pixels[at];
    let second = pixels[at + 256u];
    let third = pixels[at + 512u];
    let fourth = pixels[at + 768u];
    countPixel(call.statistic, copy, first);
    countPixel(call.statistic, copy, second);
    countPixel(call.statistic, copy, third);
    countPixel(call.statistic, copy, fourth);
  }
  for (; at < end; at += 256u) { countPixel(call.statistic, copy, pixels[at]); }
  workgroupBarrier();
  for (var bin = lane; bin < ${BINS}u; bin += 256u) {
    let count = countOf(bin);
    if (count != 0u) { atomicAdd(&bins[firstBin + bin], count); }
  }
}

// Channels as they are, or luma as the first of them.
fn countPixel(statistic: u32, copy: u32, pixel: u32) {
  let v = channelsOf(pixel);
  if (statistic == CONTRAST) {
    atomicAdd(&counts[copy + luma(v)], 1u);
  } else {
    atomicAdd(&counts[copy + v.x], 1u);
    atomicAdd(&counts[copy + 256u + v.y], 1u);
    atomicAdd(&counts[copy + 512u + v.z], 1u);
  }
}

fn countOf(bin: u32) -> u32 {
  var count = 0u;
  for (var copy = 0u; copy < COPIES; copy++) { count += atomicLoad(&counts[copy * ${BINS}u + bin]); }
  return count;
}

// Pixels of a level or below it.
var<workgroup> sums: array<vec3u, 256>;
// The levels that a channel has, and how many pixels are below the highest.
struct Range { lowest: u32, highest: u32, belowHighest: u32 }
var<workgroup> ranges: array<Range, 3>;

fn makeTable(call: StatisticsLut, image: Image, firstBin: u32, lane: u32) {
  let total = image.width * image.height;
  let count = binsOf(firstBin + lane);
  sums[lane] = count;
  workgroupBarrier();
  addUp(lane);
  let below = sums[lane] - count;
  findRanges(count, below, total, lane);
  var mean = 0u;
  // the same for all lanes, as barriers demand
  if (call.statistic == CONTRAST) { mean = meanLevel(total, lane); }
  workgroupBarrier();
  pixels[image.table + lane] = tableWord(call, lane, below, mean);
}

fn binsOf(at: u32) -> vec3u {
  return vec3u(atomicLoad(&bins[at]), atomicLoad(&bins[at + 256u]), atomicLoad(&bins[at + 512u]));
}

// Counts in \`sums\` to sums: each step adds the sum of as many levels below as are in already.
fn addUp(lane: u32) {
  for (var step = 1u; step < 256u; step *= 2u) {
    var before = vec3u(0u);
    if (lane >= step) { before = sums[lane - step]; }
    workgroupBarrier();
    sums[lane] += before;
    workgroupBarrier();
  }
}

// Each end of a range is one lane's to write.
fn findRanges(count: vec3u, below: vec3u, total: u32, lane: u32) {
  for (var channel = 0u; channel < 3u; channel++) {
    if (count[channel] == 0u) { continue; }
    if (below[channel] == 0u) { ranges[channel].lowest = lane; }
    if (below[channel] + count[channel] == total) {
      ranges[channel].highest = lane;
      ranges[channel].belowHighest = below[channel];
    }
  }
}

// Quotient and remainder of a sum by the number of pixels.
var<workgroup> quotients: array<vec2u, 256>;

// The mean of the first channel, rounded half up. The sum of all levels may need more than 32 bits, but it is also that of
// the pixels at or above 1, at or above 2 and so on. Quotients and remainders of these are added by twos.
fn meanLevel(total: u32, lane: u32) -> u32 {
  let above = total - sums[lane].x;
  quotients[lane] = select(vec2u(0u, above), vec2u(1u, 0u), above == total);
  workgroupBarrier();
  for (var half = 128u; half > 0u; half /= 2u) {
    if (lane < half) { quotients[lane] = addQuotients(quotients[lane], quotients[lane + half], total); }
    workgroupBarrier();
  }
  return quotients[0].x + u32(2u * quotients[0].y >= total);
}

fn addQuotients(a: vec2u, b: vec2u, total: u32) -> vec2u {
  let sum = a + b;
  return select(sum, vec2u(sum.x + 1u, sum.y - total), sum.y >= total);
}

fn tableWord(call: StatisticsLut, level: u32, below: vec3u, mean: u32) -> u32 {
  if (call.statistic == CONTRAST) { return packed(vec3u(blend(call.blend, mean, level))); }
  var channels = vec3u(0u);
  for (var channel = 0u; channel < 3u; channel++) {
    let range = ranges[channel];
    if (call.statistic == EQUALIZE) {
      channels[channel] = equalized(level, range, below[channel]);
    } else {
      channels[channel] = stretched(level, range, call.exceptions);
    }
  }
  return packed(channels);
}

fn equalized(level: u32, range: Range, below: u32) -> u32 {
  let step = range.belowHighest / 255u;
  if (step == 0u) { return level; }
  return min(255u, (step / 2u + below) / step);
}

// Levels outside the range are not in the image.
fn stretched(level: u32, range: Range, exceptions: u32) -> u32 {
  let length = range.highest - range.lowest;
  if (length == 0u) { return level; }
  let scaled = (clamp(level, range.lowest, range.highest) - range.lowest) * 255u;
  let value = scaled / length;
  let exception = resident[exceptions + range.lowest * 256u + range.highest];
  if (exception == 0u || scaled % length != 0u) { return value; }
  let j = value / (exception >> 24u);
  return value - ((exception >> j) & 1u);
}
`;
