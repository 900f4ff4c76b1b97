
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

@group(1) @binding(0) var<storage, read_write> output: array<u32>;

fn normalizedElement(table: u32, pixel: u32, channel: u32) -> u32 {
  return resident[table + 256u * channel + channelsOf(pixel)[channel]];
}

fn mixedElement(tables: u32, pixel: u32, partner: u32, channel: u32, shift: i32, isFloat: bool) -> u32 {
  let own = program[tables + 256u * channel + channelsOf(pixel)[channel]];
  let other = program[tables + 768u + 256u * channel + channelsOf(partner)[channel]];
  let sum = bitcast<i32>(own) + bitcast<i32>(other);
  if (isFloat) { return fixedToFloat(sum, shift); }
  return fixedToHalf(sum, shift);
}

// The nearest half, ties to even, of fixed * 2^-(24 + shift).
fn fixedToHalf(fixed: i32, shift: i32) -> u32 {
  if (fixed == 0) { return 0u; }
  let magnitude = u32(abs(fixed));
  let cut = max(i32(firstLeadingBit(magnitude)) - 10, shift);
  let significand = shiftToEven(magnitude, cut);
  return select(0u, 0x8000u, fixed < 0) | (significand + (u32(cut - shift) << 10u));
}

// The nearest float, ties to even, of fixed * 2^-(24 + shift): no number here is too small to be a normal one.
fn fixedToFloat(fixed: i32, shift: i32) -> u32 {
  if (fixed == 0) { return 0u; }
  let magnitude = u32(abs(fixed));
  let top = i32(firstLeadingBit(magnitude));
  // the top bit of the significand, and a carry out of it, add to the exponent
  let exponent = u32(top - 24 - shift + 126);
  return select(0u, 0x80000000u, fixed < 0) | ((exponent << 23u) + shiftToEven(magnitude, top - 23));
}

// magnitude / 2^count, rounded to nearest even where count is above 0.
fn shiftToEven(magnitude: u32, count: i32) -> u32 {
  if (count <= 0) { return magnitude << u32(-count); }
  let quotient = magnitude >> u32(count);
  let rest = magnitude & ((1u << u32(count)) - 1u);
  let half = 1u << u32(count - 1);
  let isUp = rest > half || (rest == half && (quotient & 1u) == 1u);
  return quotient + select(0u, 1u, isUp);
}

fn element(index: u32) -> u32 {
  let row = program[2u] + 3u * (index / program[3u]);
  let inRow = index % program[3u];
  var place = inRow / 3u;
  var channel = inRow % 3u;
  if (program[5u] != 0u) {
    place = inRow % program[4u];
    channel = inRow / program[4u];
  }
  let own = pixels[program[row] + place];
  let tables = program[row + 2u];
  if (tables == 0u) { return normalizedElement(program[9u], own, channel); }
  let partner = pixels[program[row + 1u] + place];
  let shift = bitcast<i32>(program[10u]);
  return mixedElement(tables, own, partner, channel, shift, program[6u] != 0u);
}

@compute @workgroup_size(256)
fn finish(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let word = id.y * groups.x * 256u + id.x;
  if (word >= program[7u]) { return; }
  var value = 0u;
  if (program[6u] != 0u) { value = element(word); }
  else { value = element(2u * word) | (element(2u * word + 1u) << 16u); }
  output[program[8u] + word] = value;
}
