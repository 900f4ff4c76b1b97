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
  const intervals = (mcus.width / mcusPerInterval) * mcus.height;
  const intervalEnds = new Uint32Array(intervals);
  const frequencies = new Uint32Array(CODES * 256);
  const symbols = new Uint32Array(scratch.atLeast(mostSymbols(frame, sourceBytes) * 4));
  const predictions = new Int32Array(components.length);
  let at = 0;
  let x = 0;
  let y = 0;
  for (let interval = 0; interval < intervals; interval++) {
    predictions.fill(0);
    for (let mcu = 0; mcu < mcusPerInterval; mcu++) {
      for (let i = 0; i < components.length; i++) {
        at = appendBlocks(components[i] as Component, i, x, y, predictions, symbols, at, frequencies);
      }
      if (++x === mcus.width) {
        x = 0;
        y++;
      }
    }
    intervalEnds[interval] = at;
  }
  return { symbols, intervalEnds, frequencies };
}

/**
 * A block has a DC symbol, an end and at most three zero runs; each further symbol is a coefficient, which took the
 * source two bits or more.
 */
function mostSymbols({ components }: Frame, sourceBytes: number): number {
  const blocks = components.reduce((sum, { coefficients }) => sum + coefficients.length / 64, 0);
  return blocks * 5 + sourceBytes * 4;
}

/** Appends the symbols of one component's blocks in the MCU at x, y; returns where they end. */
function appendBlocks(
  { horizontal, vertical, blocksPerRow, coefficients }: Component,
  index: number,
  x: number,
  y: number,
  predictions: Int32Array,
  symbols: Uint32Array,
  start: number,
  frequencies: Uint32Array,
): number {
  const dcCode = index === 0 ? 0 : 0x200;
  let at = start;
  for (let v = 0; v < vertical; v++) {
    let from = ((y * vertical + v) * blocksPerRow + x * horizontal) * 64;
    for (let h = 0; h < horizontal; h++, from += 64) {
      const dc = coefficients[from] as number;
      const difference = dc - (predictions[index] as number);
      predictions[index] = dc;
      const size = 32 - Math.clz32(Math.abs(difference));
      refuseIf(size > LARGEST_DC_SIZE, 'coefficients beyond baseline');
      frequencies[dcCode | size] = (frequencies[dcCode | size] as number) + 1;
      symbols[at++] = (appendedBits(difference, size) << 10) | dcCode | size;
      at = appendAc(coefficients, from, dcCode | 0x100, symbols, at, frequencies);
    }
  }
  return at;
}

function appendAc(
  coefficients: Int16Array,
  from: number,
  code: number,
  symbols: Uint32Array,
  start: number,
  frequencies: Uint32Array,
): number {
  let at = start;
  let run = 0;
  for (let k = from + 1; k < from + 64; k++) {
    const value = coefficients[k] as number;
    if (value === 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) {
      frequencies[code | ZERO_RUN] = (frequencies[code | ZERO_RUN] as number) + 1;
      symbols[at++] = code | ZERO_RUN;
    }
    const size = 32 - Math.clz32(Math.abs(value));
    refuseIf(size > LARGEST_AC_SIZE, 'coefficients beyond baseline');
    const symbol = code | (run << 4) | size;
    frequencies[symbol] = (frequencies[symbol] as number) + 1;
    symbols[at++] = (appendedBits(value, size) << 10) | symbol;
    run = 0;
  }
  if (run === 0) return at;
  frequencies[code | END_OF_BLOCK] = (frequencies[code | END_OF_BLOCK] as number) + 1;
  symbols[at++] = code | END_OF_BLOCK;
  return at;
}

/** A value as JPEG appends it: less one where it is negative, the lowest `size` bits. T.81, F.1.2.1. */
const appendedBits = (value: number, size: number): number => (value + (value >> 31)) & ((1 << size) - 1);
