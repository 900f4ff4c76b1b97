
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

struct Resample {
  isVerticalFirst: u32,
  columns: u32,
  columnTaps: u32,
  rows: u32,
  rowTaps: u32,
  left: u32,
  top: u32,
  windowWidth: u32,
  windowHeight: u32,
  mirror: u32,
}

fn readResample(at: u32) -> Resample {
  return Resample(
    program[at + 0u],
    program[at + 1u],
    program[at + 2u],
    program[at + 3u],
    program[at + 4u],
    program[at + 5u],
    program[at + 6u],
    program[at + 7u],
    program[at + 8u],
    program[at + 9u],
  );
}


// Where a pass reads: pixels at `at` of `pixels`, or bytes at `at` of `uploaded`; rows are `stride` pixels apart.
struct Source { at: u32, stride: u32, isUploaded: bool }

fn firstPass(call: Resample, source: Source, x: u32, y: u32) -> u32 {
  if (call.isVerticalFirst != 0u) {
    return filterColumn(call, source, call.top * source.stride + call.left + x, y);
  }
  return filterRow(call, source, (call.top + y) * source.stride + call.left, x);
}

fn secondPass(call: Resample, source: Source, x: u32, y: u32) -> u32 {
  if (call.isVerticalFirst != 0u) { return filterRow(call, source, y * source.stride, x); }
  return filterColumn(call, source, x, y);
}

// `start` is the index of the row's first pixel that is read by any position.
fn filterRow(call: Resample, source: Source, start: u32, x: u32) -> u32 {
  let position = select(x, call.windowWidth - 1u - x, call.mirror != 0u);
  return weightedSum(source, start, 1u, call.columns, call.windowWidth, call.columnTaps, position);
}

fn filterColumn(call: Resample, source: Source, start: u32, y: u32) -> u32 {
  return weightedSum(source, start, source.stride, call.rows, call.windowHeight, call.rowTaps, y);
}

fn weightedSum(
  source: Source, start: u32, step: u32, axis: u32, positions: u32, mostTaps: u32, position: u32,
) -> u32 {
  var at = start + resident[axis + 2u * position] * step;
  let count = resident[axis + 2u * position + 1u];
  let taps = axis + 2u * positions + mostTaps * position;
  var sum = vec3i(1 << 21u);
  for (var i = 0u; i < count; i++) {
    sum += vec3i(channelsOf(sourcePixel(source, at))) * bitcast<i32>(resident[taps + i]);
    at += step;
  }
  return packed(vec3u(clamp(sum >> vec3u(22u), vec3i(0), vec3i(255))));
}

fn sourcePixel(source: Source, index: u32) -> u32 {
  if (!source.isUploaded) { return pixels[source.at + index]; }
  let byte = source.at + 3u * index;
  let shift = 8u * (byte & 3u);
  let word = uploaded[byte >> 2u] >> shift;
  // three bytes from the third or fourth of a word on reach into the next
  if (shift <= 8u) { return word; }
  return word | (uploaded[(byte >> 2u) + 1u] << (32u - shift));
}

@compute @workgroup_size(32, 8)
fn resampleFirst(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) thread: vec3u,
) {
  let tile = tileOf(group, groups);
  if (tile >= dispatch.count) { return; }
  let step = readStep(tile);
  let id = pixelOf(tile, thread);
  if (id.x >= step.betweenWidth || id.y >= step.betweenHeight) { return; }
  let call = readResample(step.arguments);
  let source = Source(step.at, step.width, step.isUploaded != 0u);
  pixels[step.between + id.y * step.betweenWidth + id.x] = firstPass(call, source, id.x, id.y);
}

@compute @workgroup_size(32, 8)
fn resampleSecond(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) thread: vec3u,
) {
  let tile = tileOf(group, groups);
  if (tile >= dispatch.count) { return; }
  let step = readStep(tile);
  let id = pixelOf(tile, thread);
  if (id.x >= step.resultWidth || id.y >= step.resultHeight) { return; }
  let call = readResample(step.arguments);
  let source = Source(step.between, step.betweenWidth, false);
  pixels[step.result + id.y * step.resultWidth + id.x] = secondPass(call, source, id.x, id.y);
}
