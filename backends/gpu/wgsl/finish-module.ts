import { eraseSource } from '../../kernels/finish/erase.wgsl.ts';
import { finishSource } from '../../kernels/finish/finish.wgsl.ts';
import { noiseIndicesSource } from '../../kernels/normal-noise/noise-indices.wgsl.ts';
import { wideProductSource } from '../../kernels/wide-product.wgsl.ts';
import { prelude } from './prelude.wgsl.ts';
import { header, RUN, rowFields } from './steps.wgsl.ts';

/**
 * The tensor. `finish` takes two neighbouring pixels of a row a thread, which make whole words in every layout and type
 * where a row has an even number of them; `finishErased` does so where rows have boxes too, so that others pay nothing for
 * them. `finishOdd` takes a word a thread, whatever lies in it.
 */
export const finishModule = /* wgsl */ `${prelude}
@group(1) @binding(0) var<storage, read_write> output: array<u32>;
struct Row { ${rowFields.map((name) => `${name}: u32`).join(', ')} }
${wideProductSource}${noiseIndicesSource}${finishSource}${eraseSource}
fn readRow(row: u32) -> Row {
  let at = program[${header.rows}u] + ${rowFields.length}u * row;
  return Row(${rowFields.map((_, i) => `program[at + ${i}u]`).join(', ')});
}

fn readFormat() -> Format {
  let shift = bitcast<i32>(program[${header.shift}u]);
  return Format(program[${header.table}u], program[${header.noise}u], shift, program[${header.isFloat}u] != 0u);
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
  let columns = program[${header.columns}u];
  return erasedPixel(row, Place(place, vec2u(place % columns, place / columns)), readFormat());
}

// Two elements, the first of which has an even index.
fn writeTwo(index: u32, first: u32, second: u32) {
  let start = program[${header.outputStart}u];
  if (program[${header.isFloat}u] != 0u) {
    output[start + index] = first;
    output[start + index + 1u] = second;
  } else {
    output[start + index / 2u] = first | (second << 16u);
  }
}

// Two neighbouring pixels, the first of which has an even number.
fn writePixels(row: u32, place: u32, left: vec3u, right: vec3u) {
  let start = row * program[${header.elements}u];
  if (program[${header.isPlanar}u] != 0u) {
    let pixelsOfRow = program[${header.pixels}u];
    writeTwo(start + place, left.x, right.x);
    writeTwo(start + pixelsOfRow + place, left.y, right.y);
    writeTwo(start + 2u * pixelsOfRow + place, left.z, right.z);
  } else {
    writeTwo(start + 3u * place, left.x, left.y);
    writeTwo(start + 3u * place + 2u, left.z, right.x);
    writeTwo(start + 3u * place + 4u, right.y, right.z);
  }
}

@compute @workgroup_size(${RUN})
fn finish(@builtin(global_invocation_id) id: vec3u) {
  let place = 2u * id.x;
  if (place >= program[${header.pixels}u]) { return; }
  let row = readRow(id.y);
  writePixels(id.y, place, elementsOf(row, place), elementsOf(row, place + 1u));
}

@compute @workgroup_size(${RUN})
fn finishErased(@builtin(global_invocation_id) id: vec3u) {
  let place = 2u * id.x;
  let pixelsOfRow = program[${header.pixels}u];
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
  let row = readRow(index / program[${header.elements}u]);
  let inRow = index % program[${header.elements}u];
  var place = vec2u(inRow / 3u, inRow % 3u);
  let pixelsOfRow = program[${header.pixels}u];
  if (program[${header.isPlanar}u] != 0u) { place = vec2u(inRow % pixelsOfRow, inRow / pixelsOfRow); }
  return elementsOfAny(row, place.x)[place.y];
}

@compute @workgroup_size(${RUN})
fn finishOdd(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let word = id.y * groups.x * ${RUN}u + id.x;
  if (word >= program[${header.words}u]) { return; }
  // a half takes 16 bits of it
  let elements = select(2u, 1u, program[${header.isFloat}u] != 0u);
  var value = 0u;
  for (var i = 0u; i < elements; i++) { value |= element(elements * word + i) << (16u * i); }
  output[program[${header.outputStart}u] + word] = value;
}
`;
