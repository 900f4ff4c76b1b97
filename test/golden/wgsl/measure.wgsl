
// Uploaded images: u8 RGB, packed.
@group(0) @binding(0) var<storage, read> uploaded: array<u32>;
// Images in the making, one u32 a pixel, and tables made on the device.
@group(0) @binding(1) var<storage, read_write> pixels: array<u32>;
// The batch's steps, their arguments, and tables that go up with each batch.
@group(0) @binding(2) var<storage, read> program: array<u32>;
// Tables that stay on the device.
@group(0) @binding(3) var<storage, read> resident: array<u32>;

// An image in `pixels`: `at` is the index of its first pixel, `table` that of 256 words for what is measured on it.
struct Image { at: u32, width: u32, height: u32, table: u32 }

fn pixelAt(image: Image, x: u32, y: u32) -> u32 { return pixels[image.at + y * image.width + x]; }

// A pixel's channels, red first, and back.
fn channelsOf(pixel: u32) -> vec3u { return vec3u(pixel, pixel >> 8u, pixel >> 16u) & vec3u(255u); }
fn packed(channels: vec3u) -> u32 { return channels.x | (channels.y << 8u) | (channels.z << 16u); }

// A pixel through a table of 256 words, each of which holds the results for all three channels, packed.
fn throughProgramTable(table: u32, pixel: u32) -> u32 {
  let v = channelsOf(pixel);
  return (program[table + v.x] & 0xffu) | (program[table + v.y] & 0xff00u) | (program[table + v.z] & 0xff0000u);
}

struct Dispatch { tiles: u32, count: u32, bins: u32 }
@group(0) @binding(4) var<uniform> dispatch: Dispatch;

struct Step {
  opcode: u32,
  arguments: u32,
  at: u32,
  width: u32,
  height: u32,
  isUploaded: u32,
  between: u32,
  table: u32,
  result: u32,
  resultWidth: u32,
  resultHeight: u32,
  betweenWidth: u32,
  betweenHeight: u32,
}

fn tileOf(group: vec3u, groups: vec3u) -> u32 { return group.y * groups.x + group.x; }

fn readStep(tile: u32) -> Step {
  let at = program[dispatch.tiles + tile];
  return Step(program[at + 0u], program[at + 1u], program[at + 2u], program[at + 3u], program[at + 4u], program[at + 5u], program[at + 6u], program[at + 7u], program[at + 8u], program[at + 9u], program[at + 10u], program[at + 11u], program[at + 12u]);
}

// Of the image that the step makes.
fn pixelOf(tile: u32, thread: vec3u) -> vec2u {
  let place = program[dispatch.tiles + dispatch.count + tile];
  return vec2u(32u * (place & 0xffffu), 8u * (place >> 16u)) + thread.xy;
}

fn imageOf(step: Step) -> Image { return Image(step.at, step.width, step.height, step.table); }

fn luma(channels: vec3u) -> u32 {
  return (19595u * channels.x + 38470u * channels.y + 7471u * channels.z + 32768u) >> 16u;
}

fn blend(table: u32, first: u32, second: u32) -> u32 {
  let word = resident[table + 255u + second - first];
  let upper = i32(first + (word & 0xffffu)) - 511;
  let isRoundedUp = upper >= i32(word >> 16u);
  return u32(clamp(select(upper - 1, upper, isRoundedUp), 0, 255));
}

fn blendChannels(table: u32, first: vec3u, second: vec3u) -> vec3u {
  return vec3u(
    blend(table, first.x, second.x),
    blend(table, first.y, second.y),
    blend(table, first.z, second.z),
  );
}

struct StatisticsLut {
  statistic: u32,
  blend: u32,
  exceptions: u32,
}

fn readStatisticsLut(at: u32) -> StatisticsLut {
  return StatisticsLut(
    program[at + 0u],
    program[at + 1u],
    program[at + 2u],
  );
}


@group(0) @binding(5) var<storage, read_write> bins: array<atomic<u32>>;

const EQUALIZE = 0u;
const CONTRAST = 2u;

// Pixels of each level. Several copies, since invocations that count equal pixels wait for each other.
const COPIES = 3u;
var<workgroup> counts: array<atomic<u32>, 768u * COPIES>;

fn countLevels(call: StatisticsLut, image: Image, firstBin: u32, part: u32, lane: u32) {
  let total = image.width * image.height;
  let share = (total + 15u) / 16u;
  let end = image.at + min(total, (part + 1u) * share);
  let copy = (lane % COPIES) * 768u;
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
  for (var bin = lane; bin < 768u; bin += 256u) {
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
  for (var copy = 0u; copy < COPIES; copy++) { count += atomicLoad(&counts[copy * 768u + bin]); }
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

// Counts in `sums` to sums: each step adds the sum of as many levels below as are in already.
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

@compute @workgroup_size(256)
fn measureImages(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = tileOf(group, groups);
  let measured = number / 16u;
  // the same for all threads of the group, as barriers demand
  if (measured >= dispatch.count) { return; }
  let step = readStep(measured);
  let firstBin = dispatch.bins + 768u * measured;
  countLevels(readStatisticsLut(step.arguments), imageOf(step), firstBin, number % 16u, lane);
}

@compute @workgroup_size(256)
fn makeTables(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let measured = tileOf(group, groups);
  if (measured >= dispatch.count) { return; }
  let step = readStep(measured);
  makeTable(readStatisticsLut(step.arguments), imageOf(step), dispatch.bins + 768u * measured, lane);
}
