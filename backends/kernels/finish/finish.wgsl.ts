import type { TensorFormat } from '../../../src/core/image.ts';
import { mixTables, normalizeTable } from './tables.ts';

/**
 * The three elements of a pixel, as the bits of halves or floats. Their tables: `resident[table]`, 768 elements' bits, where
 * the row stands alone; `program[tables]`, 2 x 768 numbers (mixTables), where it is blended with a partner.
 */
export const finishSource = /* wgsl */ `
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
`;

/** 768 elements as bits, one a word. */
export function normalizeWords(format: TensorFormat): Uint32Array {
  const table = normalizeTable(format);
  return table instanceof Float32Array ? new Uint32Array(table.buffer) : Uint32Array.from(table);
}

/** The weights of a row and of its partner, 2 x 768 i32, and their unit, 2^-(24 + shift). */
export function mixWords(format: TensorFormat, lambda: number): { words: Int32Array; shift: number } {
  const { own, other, shift } = mixTables(format, lambda);
  const words = new Int32Array(own.length + other.length);
  words.set(own);
  words.set(other, own.length);
  return { words, shift };
}
