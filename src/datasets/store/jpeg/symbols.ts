import type { Component, Frame } from './frame.ts';
import { refuseIf } from './not-transcodable.ts';
import { Scratch } from './scratch.ts';

/** Codes: one for DC and one for AC of the first component, the same for the others. */
export const CODES = 4;

/**
 * What is to be written: (bits to append) << 10 | code << 8 | symbol, where code is 0 luma DC, 1 luma AC, 2 chroma DC,
 * 3 chroma AC. The low four bits of a symbol say how many bits are appended. Valid until the next call.
 */
export interface Symbols {
  readonly symbols: Uint32Array;
  /** After how many symbols each interval ends. */
  readonly intervalEnds: Uint32Array;
  /** How often each code << 8 | symbol occurs. */
  readonly frequencies: Uint32Array;
}

const END_OF_BLOCK = 0;
const ZERO_RUN = 0xf0;
const LARGEST_DC_SIZE = 11;
const LARGEST_AC_SIZE = 10;

const scratch = new Scratch();

/** `sourceBytes`: length of the file that the coefficients come from. */
export function toSymbols(frame: Frame, mcusPerInterval: number, sourceBytes: number): Symbols {
  const { components, mcus } = frame;
  const intervalEnds = new Uint32Array((mcus.width * mcus.height) / mcusPerInterval);
  const writing: Writing = {
    symbols: new Uint32Array(scratch.atLeast(mostSymbols(frame, sourceBytes) * 4)),
    frequencies: new Uint32Array(CODES * 256),
    predictions: new Int32Array(components.length),
    length: 0,
  };
  let x = 0;
  let y = 0;
  for (let interval = 0; interval < intervalEnds.length; interval++) {
    writing.predictions.fill(0);
    for (let mcu = 0; mcu < mcusPerInterval; mcu++) {
      for (let i = 0; i < components.length; i++) appendMcu(writing, components[i] as Component, i, x, y);
      x = x + 1 < mcus.width ? x + 1 : 0;
      if (x === 0) y++;
    }
    intervalEnds[interval] = writing.length;
  }
  return { symbols: writing.symbols, frequencies: writing.frequencies, intervalEnds };
}

interface Writing extends Omit<Symbols, 'intervalEnds'> {
  /** DC of each component's block before. */
  readonly predictions: Int32Array;
  length: number;
}

/**
 * A block has a DC symbol, an end and at most three zero runs; each further symbol is a coefficient, which took the
 * source two bits or more.
 */
function mostSymbols({ components }: Frame, sourceBytes: number): number {
  const blocks = components.reduce((sum, { coefficients }) => sum + coefficients.length / 64, 0);
  return blocks * 5 + sourceBytes * 4;
}

/** Appends the blocks that a component has in the MCU at x, y. */
function appendMcu(writing: Writing, component: Component, index: number, x: number, y: number): void {
  const { horizontal, vertical, blocksPerRow, coefficients } = component;
  for (let v = 0; v < vertical; v++) {
    const first = (y * vertical + v) * blocksPerRow + x * horizontal;
    for (let h = 0; h < horizontal; h++) appendBlock(writing, coefficients, (first + h) * 64, index);
  }
}

function appendBlock(writing: Writing, coefficients: Int16Array, start: number, component: number): void {
  const { symbols, frequencies, predictions } = writing;
  const code = component === 0 ? 0 : 0x200;
  const dc = coefficients[start] as number;
  const difference = dc - (predictions[component] as number);
  predictions[component] = dc;
  const size = sizeOf(difference);
  refuseIf(size > LARGEST_DC_SIZE, 'coefficients beyond baseline');
  frequencies[code | size] = (frequencies[code | size] as number) + 1;
  symbols[writing.length++] = (appendedBits(difference, size) << 10) | code | size;
  appendAc(writing, coefficients, start, code | 0x100);
}

function appendAc(writing: Writing, coefficients: Int16Array, start: number, code: number): void {
  const { symbols, frequencies } = writing;
  let at = writing.length;
  let last = start + 63;
  while (last > start && coefficients[last] === 0) last--;
  let run = 0;
  for (let k = start + 1; k <= last; k++) {
    const value = coefficients[k] as number;
    if (value === 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) {
      frequencies[code | ZERO_RUN] = (frequencies[code | ZERO_RUN] as number) + 1;
      symbols[at++] = code | ZERO_RUN;
    }
    const size = sizeOf(value);
    refuseIf(size > LARGEST_AC_SIZE, 'coefficients beyond baseline');
    const symbol = code | (run << 4) | size;
    frequencies[symbol] = (frequencies[symbol] as number) + 1;
    symbols[at++] = (appendedBits(value, size) << 10) | symbol;
    run = 0;
  }
  if (last < start + 63) {
    frequencies[code | END_OF_BLOCK] = (frequencies[code | END_OF_BLOCK] as number) + 1;
    symbols[at++] = code | END_OF_BLOCK;
  }
  writing.length = at;
}

/** Bits that a value takes without its sign. */
const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value));

/** A value as JPEG appends it: less one where it is negative, the lowest `size` bits. T.81, F.1.2.1. */
const appendedBits = (value: number, size: number): number => (value + (value >> 31)) & ((1 << size) - 1);
