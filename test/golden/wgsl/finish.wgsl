
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

fn normalizedPixel(table: u32, pixel: u32) -> vec3u {
  let v = channelsOf(pixel) + vec3u(table, table + 256u, table + 512u);
  return vec3u(resident[v.x], resident[v.y], resident[v.z]);
}

fn mixedPixel(tables: u32, pixel: u32, partner: u32, shift: i32, isFloat: bool) -> vec3u {
  let own = channelsOf(pixel) + vec3u(tables, tables + 256u, tables + 512u);
  let other = channelsOf(partner) + vec3u(tables + 768u, tables + 1024u, tables + 1280u);
  return vec3u(
    fixedToElement(program[own.x] + program[other.x], shift, isFloat),
    fixedToElement(program[own.y] + program[other.y], shift, isFloat),
    fixedToElement(program[own.z] + program[other.z], shift, isFloat),
  );
}

fn fixedToElement(sum: u32, shift: i32, isFloat: bool) -> u32 {
  if (isFloat) { return fixedToFloat(bitcast<i32>(sum), shift); }
  return fixedToHalf(bitcast<i32>(sum), shift);
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

fn elementsOf(row: u32, place: u32) -> vec3u {
  let at = program[0u] + 3u * row;
  let own = pixels[program[at] + place];
  let tables = program[at + 2u];
  if (tables == 0u) { return normalizedPixel(program[7u], own); }
  let partner = pixels[program[at + 1u] + place];
  let shift = bitcast<i32>(program[8u]);
  return mixedPixel(tables, own, partner, shift, program[4u] != 0u);
}

// Two elements, the first of which has an even index.
fn writeTwo(index: u32, first: u32, second: u32) {
  let start = program[6u];
  if (program[4u] != 0u) {
    output[start + index] = first;
    output[start + index + 1u] = second;
  } else {
    output[start + index / 2u] = first | (second << 16u);
  }
}

@compute @workgroup_size(256)
fn finish(@builtin(global_invocation_id) id: vec3u) {
  let place = 2u * id.x;
  let row = id.y;
  let pixelsOfRow = program[2u];
  if (place >= pixelsOfRow) { return; }
  let left = elementsOf(row, place);
  let right = elementsOf(row, place + 1u);
  let start = row * program[1u];
  if (program[3u] != 0u) {
    writeTwo(start + place, left.x, right.x);
    writeTwo(start + pixelsOfRow + place, left.y, right.y);
    writeTwo(start + 2u * pixelsOfRow + place, left.z, right.z);
  } else {
    writeTwo(start + 3u * place, left.x, left.y);
    writeTwo(start + 3u * place + 2u, left.z, right.x);
    writeTwo(start + 3u * place + 4u, right.y, right.z);
  }
}

fn element(index: u32) -> u32 {
  let row = index / program[1u];
  let inRow = index % program[1u];
  let pixelsOfRow = program[2u];
  if (program[3u] != 0u) { return elementsOf(row, inRow % pixelsOfRow)[inRow / pixelsOfRow]; }
  return elementsOf(row, inRow / 3u)[inRow % 3u];
}

@compute @workgroup_size(256)
fn finishOdd(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let word = id.y * groups.x * 256u + id.x;
  if (word >= program[5u]) { return; }
  var value = 0u;
  if (program[4u] != 0u) { value = element(word); }
  else { value = element(2u * word) | (element(2u * word + 1u) << 16u); }
  output[program[6u] + word] = value;
}
