import { residentBlendTable } from '../blend-table.ts';
import { u32 } from '../kernel.ts';
import { definePreparedShader } from '../shader.ts';
import { residentExceptions } from './auto-contrast-exceptions.ts';
import { Statistic, statisticsLut } from './statistics-lut.ts';

/** Sends pixels through the table that `measure` has made of the image; a table that a statistic has no use for is 0. */
export const statisticsLutShader = definePreparedShader(statisticsLut, {
  layout: { statistic: u32, blend: u32, exceptions: u32 },
  prepare: ({ statistic, factor }, tables) => ({
    statistic,
    blend: statistic === Statistic.contrast ? residentBlendTable(tables, factor) : 0,
    exceptions: statistic === Statistic.autoContrast ? residentExceptions(tables) : 0,
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

/**
 * `measure` makes an image's table, 256 words of R | G << 8 | B << 16. All 256 invocations of a workgroup call it, once, with
 * a lane each: it counts on workgroup memory being zero at first.
 */
export const measureSource = /* wgsl */ `
const EQUALIZE = ${Statistic.equalize}u;
const CONTRAST = ${Statistic.contrast}u;

// Pixels of each level. Several copies, since invocations that count equal pixels wait for each other.
const COPIES = 3u;
var<workgroup> counts: array<atomic<u32>, 768u * COPIES>;
// Pixels of a level or below it.
var<workgroup> sums: array<vec3u, 256>;
// The levels that a channel has, and how many pixels are below the highest.
struct Range { lowest: u32, highest: u32, belowHighest: u32 }
var<workgroup> ranges: array<Range, 3>;
var<workgroup> mean: u32;

fn measure(call: StatisticsLut, image: Image, lane: u32) {
  let total = image.width * image.height;
  countPixels(call.statistic, image.at, total, lane);
  workgroupBarrier();
  let count = countOf(lane);
  sums[lane] = count;
  workgroupBarrier();
  addUp(lane);
  let below = sums[lane] - count;
  findRanges(count, below, total, lane);
  if (call.statistic == CONTRAST && lane == 0u) { mean = meanLevel(total); }
  workgroupBarrier();
  pixels[image.table + lane] = tableWord(call, lane, below);
}

// Channels as they are, or luma as the first of them.
fn countPixels(statistic: u32, first: u32, total: u32, lane: u32) {
  let copy = (lane % COPIES) * 768u;
  for (var i = lane; i < total; i += 256u) {
    let v = channelsOf(pixels[first + i]);
    if (statistic == CONTRAST) {
      atomicAdd(&counts[copy + luma(v)], 1u);
    } else {
      atomicAdd(&counts[copy + v.x], 1u);
      atomicAdd(&counts[copy + 256u + v.y], 1u);
      atomicAdd(&counts[copy + 512u + v.z], 1u);
    }
  }
}

fn countOf(level: u32) -> vec3u {
  var count = vec3u(0u);
  for (var copy = 0u; copy < COPIES; copy++) {
    let at = copy * 768u + level;
    count += vec3u(atomicLoad(&counts[at]), atomicLoad(&counts[at + 256u]), atomicLoad(&counts[at + 512u]));
  }
  return count;
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

// The mean of the first channel, rounded half up. The sum of all levels may need more than 32 bits, but it is also that of
// the pixels at or above 1, at or above 2 and so on: never more than \`total\` at a time.
fn meanLevel(total: u32) -> u32 {
  var quotient = 0u;
  var remainder = 0u;
  for (var level = 0u; level < 255u; level++) {
    remainder += total - sums[level].x;
    if (remainder >= total) {
      remainder -= total;
      quotient++;
    }
  }
  return quotient + u32(2u * remainder >= total);
}

fn tableWord(call: StatisticsLut, level: u32, below: vec3u) -> u32 {
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
