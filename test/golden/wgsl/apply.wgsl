
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

// c0 x + c1 y + c2, of three coefficients that begin at `at`.
fn sourceCoordinate(at: u32, x: u32, y: u32) -> vec2u {
  return add64(add64(multiply64(coefficient(at), x), multiply64(coefficient(at + 2u), y)), coefficient(at + 4u));
}

fn coefficient(at: u32) -> vec2u { return vec2u(program[at], program[at + 1u]); }

fn add64(a: vec2u, b: vec2u) -> vec2u {
  let low = a.y + b.y;
  return vec2u(a.x + b.x + u32(low < a.y), low);
}

// By a factor of 16 bits, so that its products with half a word fit a word.
fn multiply64(a: vec2u, factor: u32) -> vec2u {
  let upper = (a.y >> 16u) * factor;
  return add64(vec2u(a.x * factor + (upper >> 16u), upper << 16u), vec2u(0u, (a.y & 0xffffu) * factor));
}

// Lower and upper 32 bits, from halves of 16 bits.
fn wideProduct(a: u32, b: u32) -> vec2u {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let carry = (middle & 0xffffu) + a0 * b1;
  return vec2u(a * b, a1 * b1 + (middle >> 16u) + (carry >> 16u));
}

fn noiseIndices(key0: u32, key1: u32, pixel: u32) -> vec3u {
  var c = vec4u(pixel, 0u, 0u, 0u);
  var k = vec2u(key0, key1);
  for (var round = 0u; round < 10u; round++) {
    let product0 = wideProduct(0xd2511f53u, c.x);
    let product1 = wideProduct(0xcd9e8d57u, c.z);
    c = vec4u(product1.y ^ c.y ^ k.x, product1.x, product0.y ^ c.w ^ k.y, product0.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return vec3u(c.x & 0xffffu, c.x >> 16u, c.y & 0xffffu);
}

struct Lut {
  table: u32,
}

fn readLut(at: u32) -> Lut {
  return Lut(
    at + program[at + 0u],
  );
}

fn lut(call: Lut, image: Image, x: u32, y: u32) -> u32 {
  return throughProgramTable(call.table, pixelAt(image, x, y));
}

struct AffineNearest {
  a0: i32,
  a1: i32,
  a2: i32,
  a3: i32,
  a4: i32,
  a5: i32,
  fill: u32,
}

fn readAffineNearest(at: u32) -> AffineNearest {
  return AffineNearest(
    bitcast<i32>(program[at + 0u]),
    bitcast<i32>(program[at + 1u]),
    bitcast<i32>(program[at + 2u]),
    bitcast<i32>(program[at + 3u]),
    bitcast<i32>(program[at + 4u]),
    bitcast<i32>(program[at + 5u]),
    program[at + 6u],
  );
}

fn affineNearest(call: AffineNearest, image: Image, x: u32, y: u32) -> u32 {
  let sourceX = (call.a0 * i32(x) + call.a1 * i32(y) + call.a2) >> 16u;
  let sourceY = (call.a3 * i32(x) + call.a4 * i32(y) + call.a5) >> 16u;
  let isInside = sourceX >= 0 && sourceX < i32(image.width) && sourceY >= 0 && sourceY < i32(image.height);
  if (!isInside) { return call.fill; }
  return pixelAt(image, u32(sourceX), u32(sourceY));
}

struct AffineBilinear {
  coordinates: u32,
  runs: u32,
  fill: u32,
}

fn readAffineBilinear(at: u32) -> AffineBilinear {
  return AffineBilinear(
    at + program[at + 0u],
    at + program[at + 1u],
    program[at + 2u],
  );
}

fn affineBilinear(call: AffineBilinear, image: Image, x: u32, y: u32) -> u32 {
  let run = program[call.runs + y];
  if (x < (run & 0xffffu) || x >= run >> 16u) { return call.fill; }
  let sourceX = sourceCoordinate(call.coordinates, x, y);
  let sourceY = sourceCoordinate(call.coordinates + 6u, x, y);
  let columns = twoTaps(sourceX.x, image.width);
  let rows = twoTaps(sourceY.x, image.height);
  let taps = array<vec3u, 4>(
    channelsOf(pixelAt(image, columns.x, rows.x)),
    channelsOf(pixelAt(image, columns.y, rows.x)),
    channelsOf(pixelAt(image, columns.x, rows.y)),
    channelsOf(pixelAt(image, columns.y, rows.y)),
  );
  let weights = bilinearWeights(sourceX.y >> 3u, sourceY.y >> 3u);
  // in two parts, whose sums both fit 32 bits
  let high = weightedSum(taps, weights >> vec4u(15u));
  let low = weightedSum(taps, weights & vec4u(0x7fffu));
  return packed((high + (low >> vec3u(15u))) >> vec3u(14u));
}

// The pixels at 0 and 1 from a whole coordinate, the outermost ones repeated.
fn twoTaps(whole: u32, length: u32) -> vec2u {
  let taps = vec2i(bitcast<i32>(whole)) + vec2i(0, 1);
  return vec2u(clamp(taps, vec2i(0), vec2i(i32(length) - 1)));
}

// Of upper left, upper right, lower left, lower right.
fn weightedSum(taps: array<vec3u, 4>, weights: vec4u) -> vec3u {
  return weights.x * taps[0] + weights.y * taps[1] + weights.z * taps[2] + weights.w * taps[3];
}

// Together 2^29.
fn bilinearWeights(x: u32, y: u32) -> vec4u {
  // x y >> 29
  let both = wideProduct(x << 3u, y).y;
  return vec4u(0x20000000u - x - y + both, x - both, y - both, both);
}

struct AffineBicubic {
  coordinates: u32,
  runs: u32,
  fill: u32,
}

fn readAffineBicubic(at: u32) -> AffineBicubic {
  return AffineBicubic(
    at + program[at + 0u],
    at + program[at + 1u],
    program[at + 2u],
  );
}

fn affineBicubic(call: AffineBicubic, image: Image, x: u32, y: u32) -> u32 {
  let run = program[call.runs + y];
  if (x < (run & 0xffffu) || x >= run >> 16u) { return call.fill; }
  let sourceX = sourceCoordinate(call.coordinates, x, y);
  let sourceY = sourceCoordinate(call.coordinates + 6u, x, y);
  let columns = fourTaps(sourceX.x, image.width);
  let rows = fourTaps(sourceY.x, image.height);
  let horizontal = cubicWeights(sourceX.y >> 16u);
  let sum0 = rowSum(image, columns, rows.x, horizontal);
  let sum1 = rowSum(image, columns, rows.y, horizontal);
  let sum2 = rowSum(image, columns, rows.z, horizontal);
  let sum3 = rowSum(image, columns, rows.w, horizontal);
  return packed(sumOfRows(sum0, sum1, sum2, sum3, cubicWeights(sourceY.y >> 16u)));
}

// The pixels at -1, 0, 1 and 2 from a whole coordinate, the outermost ones repeated.
fn fourTaps(whole: u32, length: u32) -> vec4u {
  let taps = vec4i(bitcast<i32>(whole)) + vec4i(-1, 0, 1, 2);
  return vec4u(clamp(taps, vec4i(0), vec4i(i32(length) - 1)));
}

fn cubicWeights(d: u32) -> vec4i {
  let d1 = i32(d);
  let d2 = i32((d * d + 32768u) >> 16u);
  let d3 = i32((u32(d2) * d + 32768u) >> 16u);
  return vec4i(2 * d2 - d1 - d3, 65536 - 2 * d2 + d3, d1 + d2 - d3, d3 - d2);
}

// With 12 fraction bits.
fn rowSum(image: Image, columns: vec4u, row: u32, weights: vec4i) -> vec3i {
  let sum = weights.x * tap(image, columns.x, row) + weights.y * tap(image, columns.y, row) +
    weights.z * tap(image, columns.z, row) + weights.w * tap(image, columns.w, row);
  return (sum + vec3i(8)) >> vec3u(4u);
}

fn tap(image: Image, x: u32, y: u32) -> vec3i { return vec3i(channelsOf(pixelAt(image, x, y))); }

// Whole parts and fractions apart, whose weighted sums both fit 32 bits.
fn sumOfRows(sum0: vec3i, sum1: vec3i, sum2: vec3i, sum3: vec3i, weights: vec4i) -> vec3u {
  let bits = vec3u(12u);
  let mask = vec3i(0xfff);
  let whole = weights.x * (sum0 >> bits) + weights.y * (sum1 >> bits) +
    weights.z * (sum2 >> bits) + weights.w * (sum3 >> bits);
  let fraction = weights.x * (sum0 & mask) + weights.y * (sum1 & mask) +
    weights.z * (sum2 & mask) + weights.w * (sum3 & mask);
  let sum = (whole + (fraction >> bits)) >> vec3u(16u);
  return vec3u(clamp(sum, vec3i(0), vec3i(255)));
}

struct Gather {
  columns: u32,
  rows: u32,
  outputWidth: u32,
  outputHeight: u32,
  fill: u32,
}

fn readGather(at: u32) -> Gather {
  return Gather(
    at + program[at + 0u],
    at + program[at + 1u],
    program[at + 2u],
    program[at + 3u],
    program[at + 4u],
  );
}

fn gather(call: Gather, image: Image, x: u32, y: u32) -> u32 {
  let column = program[call.columns + x];
  let row = program[call.rows + y];
  // a negative index is a large unsigned one
  if (column >= image.width || row >= image.height) { return call.fill; }
  return pixelAt(image, column, row);
}

struct Saturation {
  blend: u32,
}

fn readSaturation(at: u32) -> Saturation {
  return Saturation(
    program[at + 0u],
  );
}

fn saturation(call: Saturation, image: Image, x: u32, y: u32) -> u32 {
  let channels = channelsOf(pixelAt(image, x, y));
  return packed(blendChannels(call.blend, vec3u(luma(channels)), channels));
}

struct Sharpen {
  blend: u32,
}

fn readSharpen(at: u32) -> Sharpen {
  return Sharpen(
    program[at + 0u],
  );
}

fn sharpen(call: Sharpen, image: Image, x: u32, y: u32) -> u32 {
  let pixel = pixelAt(image, x, y);
  let isOutermost = x == 0u || y == 0u || x + 1u >= image.width || y + 1u >= image.height;
  if (isOutermost) { return pixel; }
  let channels = channelsOf(pixel);
  let sum = 4u * channels + sumOfThree(image, x, y - 1u) + sumOfThree(image, x, y) + sumOfThree(image, x, y + 1u);
  let smoothed = (sum + vec3u(6u)) / vec3u(13u);
  return packed(blendChannels(call.blend, smoothed, channels));
}

fn sumOfThree(image: Image, x: u32, y: u32) -> vec3u {
  return channelsOf(pixelAt(image, x - 1u, y)) + channelsOf(pixelAt(image, x, y)) +
    channelsOf(pixelAt(image, x + 1u, y));
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

fn statisticsLut(call: StatisticsLut, image: Image, x: u32, y: u32) -> u32 {
  let v = channelsOf(pixelAt(image, x, y));
  return (pixels[image.table + v.x] & 0xffu) |
    (pixels[image.table + v.y] & 0xff00u) |
    (pixels[image.table + v.z] & 0xff0000u);
}

struct Noise {
  key0: u32,
  key1: u32,
  starts: u32,
}

fn readNoise(at: u32) -> Noise {
  return Noise(
    program[at + 0u],
    program[at + 1u],
    at + program[at + 2u],
  );
}

fn noise(call: Noise, image: Image, x: u32, y: u32) -> u32 {
  let indices = noiseIndices(call.key0, call.key1, y * image.width + x);
  var channels = channelsOf(pixelAt(image, x, y));
  for (var channel = 0u; channel < 3u; channel++) {
    let sum = channels[channel] + startsUpTo(call.starts, indices[channel]);
    channels[channel] = clamp(sum, 255u, 510u) - 255u;
  }
  return packed(channels);
}

// How many starts are no greater than the index: the level that it adds, plus 255.
fn startsUpTo(starts: u32, index: u32) -> u32 {
  var count = 0u;
  for (var step = 256u; step > 0u; step /= 2u) {
    let more = count + step;
    if (more <= 510u && program[starts + more - 1u] <= index) { count = more; }
  }
  return count;
}

struct Hue {
  shift: u32,
}

fn readHue(at: u32) -> Hue {
  return Hue(
    program[at + 0u],
  );
}

const HUES_BELOW = array<u32, 8>(0xfffffffeu, 0x0u, 0x11000000u, 0x111u, 0x222aaaaau, 0x23232222u, 0x22222u, 0x0u);

fn hue(call: Hue, image: Image, x: u32, y: u32) -> u32 {
  let hsv = toHsv(channelsOf(pixelAt(image, x, y)));
  return packed(toRgb((hsv.x + call.shift) & 255u, hsv.y, hsv.z));
}

fn toHsv(c: vec3u) -> vec3u {
  let v = max(c.x, max(c.y, c.z));
  let range = v - min(c.x, min(c.y, c.z));
  if (range == 0u) { return vec3u(0u, 0u, v); }
  let position = 85u * sixthsOf(c, v, range);
  var h = position / (2u * range);
  if (h * 2u * range == position) {
    h -= (HUES_BELOW[h >> 5u] >> (h & 31u)) & 1u;
  }
  return vec3u(h, 255u * range / v, v);
}

fn sixthsOf(c: vec3u, v: u32, range: u32) -> u32 {
  if (c.x == v) { return select(6u * range, 0u, c.y >= c.z) + c.y - c.z; }
  if (c.y == v) { return 2u * range + c.z - c.x; }
  return 4u * range + c.x - c.y;
}

fn toRgb(h: u32, s: u32, v: u32) -> vec3u {
  let sixth = 2u * h / 85u;
  let rest = 2u * h - 85u * sixth;
  let low = (2u * v * (255u - s) + 255u) / 510u;
  let distance = select(85u - rest, rest, sixth % 2u == 1u);
  let middle = (2u * v * (21675u - s * distance) + 21675u) / 43350u;
  switch (sixth) {
    case 1u: { return vec3u(middle, v, low); }
    case 2u: { return vec3u(low, v, middle); }
    case 3u: { return vec3u(low, middle, v); }
    case 4u: { return vec3u(middle, low, v); }
    case 5u: { return vec3u(v, low, middle); }
    default: { return vec3u(v, middle, low); }
  }
}

struct BoxBlur {
  radius: u32,
  weight: u32,
  edgeWeight: u32,
  isVertical: u32,
}

fn readBoxBlur(at: u32) -> BoxBlur {
  return BoxBlur(
    program[at + 0u],
    program[at + 1u],
    program[at + 2u],
    program[at + 3u],
  );
}

fn boxBlur(call: BoxBlur, image: Image, x: u32, y: u32) -> u32 {
  let isVertical = call.isVertical == 1u;
  let last = i32(select(image.width, image.height, isVertical)) - 1;
  let start = image.at + select(y * image.width, x, isVertical);
  let stride = select(1u, image.width, isVertical);
  let here = i32(select(x, y, isVertical));
  let radius = i32(call.radius);
  var sum = vec3u(0u);
  for (var i = here - radius; i <= here + radius; i++) { sum += valuesAt(start, clamp(i, 0, last), stride); }
  let before = valuesAt(start, clamp(here - radius - 1, 0, last), stride);
  let after = valuesAt(start, clamp(here + radius + 1, 0, last), stride);
  return packed((sum * call.weight + (before + after) * call.edgeWeight + (1u << 23u)) >> vec3u(24u));
}

fn valuesAt(start: u32, i: i32, stride: u32) -> vec3u { return channelsOf(pixels[start + u32(i) * stride]); }

@compute @workgroup_size(32, 8)
fn apply(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) thread: vec3u,
) {
  let tile = tileOf(group, groups);
  if (tile >= dispatch.count) { return; }
  let step = readStep(tile);
  let id = pixelOf(tile, thread);
  if (id.x >= step.resultWidth || id.y >= step.resultHeight) { return; }
  var pixel = 0u;
  switch (step.opcode) {
    case 1u: { pixel = lut(readLut(step.arguments), imageOf(step), id.x, id.y); }
    case 2u: { pixel = affineNearest(readAffineNearest(step.arguments), imageOf(step), id.x, id.y); }
    case 3u: { pixel = affineBilinear(readAffineBilinear(step.arguments), imageOf(step), id.x, id.y); }
    case 4u: { pixel = affineBicubic(readAffineBicubic(step.arguments), imageOf(step), id.x, id.y); }
    case 5u: { pixel = gather(readGather(step.arguments), imageOf(step), id.x, id.y); }
    case 6u: { pixel = saturation(readSaturation(step.arguments), imageOf(step), id.x, id.y); }
    case 7u: { pixel = sharpen(readSharpen(step.arguments), imageOf(step), id.x, id.y); }
    case 8u: { pixel = statisticsLut(readStatisticsLut(step.arguments), imageOf(step), id.x, id.y); }
    case 10u: { pixel = noise(readNoise(step.arguments), imageOf(step), id.x, id.y); }
    case 11u: { pixel = hue(readHue(step.arguments), imageOf(step), id.x, id.y); }
    case 12u: { pixel = boxBlur(readBoxBlur(step.arguments), imageOf(step), id.x, id.y); }
    default: {}
  }
  pixels[step.result + id.y * step.resultWidth + id.x] = pixel;
}
