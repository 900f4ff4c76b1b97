
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
struct Row { image: u32, partner: u32, tables: u32, boxes: u32 }

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

fn normalizedPixel(table: u32, pixel: u32) -> vec3u {
  let v = channelsOf(pixel) + vec3u(table, table + 256u, table + 512u);
  return vec3u(resident[v.x], resident[v.y], resident[v.z]);
}

fn mixedPixel(tables: u32, pixel: u32, partner: u32, shift: i32, isFloat: bool) -> vec3u {
  let own = channelsOf(pixel) + vec3u(tables, tables + 256u, tables + 512u);
  let other = channelsOf(partner) + vec3u(tables + 768u, tables + 1024u, tables + 1280u);
  let x = program[own.x] + program[other.x];
  let y = program[own.y] + program[other.y];
  let z = program[own.z] + program[other.z];
  return elementsOfNumbers(vec3u(x, y, z), shift, isFloat);
}

fn elementsOfNumbers(numbers: vec3u, shift: i32, isFloat: bool) -> vec3u {
  return vec3u(
    fixedToElement(numbers.x, shift, isFloat),
    fixedToElement(numbers.y, shift, isFloat),
    fixedToElement(numbers.z, shift, isFloat),
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

// What elements are made of: the places of the tables of bytes and of noise in `resident`, and a blend's unit.
struct Format { table: u32, noise: u32, shift: i32, isFloat: bool }
struct Place { pixel: u32, xy: vec2u }
// An image, what of it is erased (boxes of [first, end)), and its tables and its share in a blend.
struct Layer { image: u32, first: u32, end: u32, tables: u32, share: u32 }

fn ownLayer(row: Row) -> Layer {
  let first = row.boxes + 9u;
  let end = first + 8u * program[row.boxes + 0u];
  return Layer(row.image, first, end, row.tables, program[row.boxes + 3u]);
}

fn partnerLayer(row: Row) -> Layer {
  let first = ownLayer(row).end;
  let end = first + 8u * program[row.boxes + 1u];
  return Layer(row.partner, first, end, row.tables + 768u, program[row.boxes + 4u]);
}

// Own, partner's, both blended, or erased after that. A loop over the layers: written out, each would repeat the code of noise.
fn erasedPixel(row: Row, place: Place, format: Format) -> vec3u {
  let own = ownLayer(row);
  let partner = partnerLayer(row);
  let afterEnd = partner.end + 8u * program[row.boxes + 2u];
  let after = boxOver(partner.end, afterEnd, place.xy);
  let isBlended = row.tables != 0u && after == 0u;
  let isPartner = isInside(row.boxes + 5u, place.xy);
  var numbers = vec3i(0);
  var shift = format.shift;
  let layers = select(1u, 2u, isBlended);
  for (var i = 0u; i < layers; i++) {
    var layer = own;
    if (i == 1u || isPartner) { layer = partner; }
    var box = after;
    if (after == 0u) { box = boxOver(layer.first, layer.end, place.xy); }
    if (box == 0u) {
      let pixel = pixels[layer.image + place.pixel];
      if (!isBlended) { return normalizedPixel(format.table, pixel); }
      numbers += termsOf(layer.tables, pixel);
    } else if (isNoise(box)) {
      let noise = noiseAt(box, place, format);
      if (isBlended) {
        numbers += noiseTerms(noise, i32(layer.share), u32(4 - shift));
      } else {
        numbers = noise;
        shift = 4;
      }
    } else {
      if (!isBlended) { return contentOf(box); }
      numbers += bitcast<vec3i>(contentOf(box));
    }
  }
  return elementsOfNumbers(bitcast<vec3u>(numbers), shift, format.isFloat);
}

fn termsOf(tables: u32, pixel: u32) -> vec3i {
  let v = channelsOf(pixel) + vec3u(tables, tables + 256u, tables + 512u);
  return bitcast<vec3i>(vec3u(program[v.x], program[v.y], program[v.z]));
}

fn noiseTerms(noise: vec3i, share: i32, cut: u32) -> vec3i {
  let rounded = (noise + vec3i(1 << 14u)) >> vec3u(15u);
  return (rounded * share + vec3i((1 << cut) >> 1u)) >> vec3u(cut);
}

fn noiseAt(box: u32, place: Place, format: Format) -> vec3i {
  let i = noiseIndices(program[box + 5u], program[box + 6u], place.pixel) + vec3u(format.noise);
  return bitcast<vec3i>(vec3u(resident[i.x], resident[i.y], resident[i.z]));
}

// The last of the boxes of [first, end) that the place lies in; 0: none.
fn boxOver(first: u32, end: u32, xy: vec2u) -> u32 {
  for (var box = end; box > first; box -= 8u) {
    if (isInside(box - 8u, xy)) { return box - 8u; }
  }
  return 0u;
}

fn isInside(box: u32, xy: vec2u) -> bool {
  let isBefore = xy.x < program[box] || xy.y < program[box + 1u];
  return !isBefore && xy.x < program[box + 2u] && xy.y < program[box + 3u];
}

fn isNoise(box: u32) -> bool { return program[box + 4u] != 0u; }
fn contentOf(box: u32) -> vec3u { return vec3u(program[box + 5u], program[box + 6u], program[box + 7u]); }

fn readRow(row: u32) -> Row {
  let at = program[0u] + 4u * row;
  return Row(program[at + 0u], program[at + 1u], program[at + 2u], program[at + 3u]);
}

fn readFormat() -> Format {
  let shift = bitcast<i32>(program[8u]);
  return Format(program[7u], program[10u], shift, program[4u] != 0u);
}

// Of a row without boxes.
fn elementsOf(row: Row, place: u32) -> vec3u {
  let format = readFormat();
  let own = pixels[row.image + place];
  if (row.tables == 0u) { return normalizedPixel(format.table, own); }
  let partner = pixels[row.partner + place];
  return mixedPixel(row.tables, own, partner, format.shift, format.isFloat);
}

fn elementsOfAny(row: Row, place: u32) -> vec3u {
  if (row.boxes == 0u) { return elementsOf(row, place); }
  let columns = program[9u];
  return erasedPixel(row, Place(place, vec2u(place % columns, place / columns)), readFormat());
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

// Two neighbouring pixels, the first of which has an even number.
fn writePixels(row: u32, place: u32, left: vec3u, right: vec3u) {
  let start = row * program[1u];
  if (program[3u] != 0u) {
    let pixelsOfRow = program[2u];
    writeTwo(start + place, left.x, right.x);
    writeTwo(start + pixelsOfRow + place, left.y, right.y);
    writeTwo(start + 2u * pixelsOfRow + place, left.z, right.z);
  } else {
    writeTwo(start + 3u * place, left.x, left.y);
    writeTwo(start + 3u * place + 2u, left.z, right.x);
    writeTwo(start + 3u * place + 4u, right.y, right.z);
  }
}

@compute @workgroup_size(256)
fn finish(@builtin(global_invocation_id) id: vec3u) {
  let place = 2u * id.x;
  if (place >= program[2u]) { return; }
  let row = readRow(id.y);
  writePixels(id.y, place, elementsOf(row, place), elementsOf(row, place + 1u));
}

@compute @workgroup_size(256)
fn finishErased(@builtin(global_invocation_id) id: vec3u) {
  let place = 2u * id.x;
  let pixelsOfRow = program[2u];
  if (place >= pixelsOfRow) { return; }
  let row = readRow(id.y);
  var left = vec3u(0);
  var right = vec3u(0);
  // a loop whose end compilers do not know: they would write the long code of an element twice
  for (var next = place; next < min(place + 2u, pixelsOfRow); next++) {
    left = right;
    right = elementsOfAny(row, next);
  }
  writePixels(id.y, place, left, right);
}

fn element(index: u32) -> u32 {
  let row = readRow(index / program[1u]);
  let inRow = index % program[1u];
  var place = vec2u(inRow / 3u, inRow % 3u);
  let pixelsOfRow = program[2u];
  if (program[3u] != 0u) { place = vec2u(inRow % pixelsOfRow, inRow / pixelsOfRow); }
  return elementsOfAny(row, place.x)[place.y];
}

@compute @workgroup_size(256)
fn finishOdd(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let word = id.y * groups.x * 256u + id.x;
  if (word >= program[5u]) { return; }
  // a half takes 16 bits of it
  let elements = select(2u, 1u, program[4u] != 0u);
  var value = 0u;
  for (var i = 0u; i < elements; i++) { value |= element(elements * word + i) << (16u * i); }
  output[program[6u] + word] = value;
}
