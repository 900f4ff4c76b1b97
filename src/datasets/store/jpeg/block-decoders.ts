import {
  type EntropyReader,
  lookUp,
  peek,
  readBits,
  readSymbol,
  readValue,
  toValue,
} from './entropy-reader.ts';
import type { HuffmanLookup } from './huffman-lookup.ts';
import { damaged } from './not-transcodable.ts';

/** What decoding a block needs to know of its scan; blocks change `endOfBandRun` and the component's prediction. */
export interface ScanState {
  /** First and last coefficient of the scan's band. */
  readonly bandStart: number;
  readonly bandEnd: number;
  /** The scan carries the bits from this one up, or this one only. */
  readonly bit: number;
  /** Blocks still to come that have nothing (more) in this band. */
  endOfBandRun: number;
}

export interface ScanComponent {
  readonly dc: HuffmanLookup;
  readonly ac: HuffmanLookup;
  /** DC of the block before. */
  prediction: number;
}

/** Decodes one block's share of a scan into its 64 coefficients (zigzag order) from `start` on. */
export type BlockDecoder = (
  reader: EntropyReader,
  coefficients: Int16Array,
  start: number,
  component: ScanComponent,
  scan: ScanState,
) => void;

const ZERO_RUN = 0xf0;

/** Baseline and extended: all of a block. T.81, F.2.2. */
export const decodeSequential: BlockDecoder = (reader, coefficients, start, component) => {
  component.prediction += readValue(reader, readSymbol(reader, component.dc) & 15);
  coefficients[start] = component.prediction;
  const { view } = reader;
  const { ac } = component;
  let position = reader.position;
  let k = 1;
  for (; k < 64; k++) {
    const entry = lookUp(ac, peek(view, position));
    position += entry >> 8;
    const size = entry & 15;
    k += (entry >> 4) & 15;
    if (size !== 0) {
      coefficients[start + (k & 63)] = toValue(peek(view, position), size);
      position += size;
    } else if ((entry & 0xff) !== ZERO_RUN) break;
  }
  if (k > 64) throw runTooLong();
  reader.position = position;
};

/** Progressive, first scan of DC. T.81, G.1.2.1. */
export const decodeFirstDc: BlockDecoder = (reader, coefficients, start, component, { bit }) => {
  component.prediction += readValue(reader, readSymbol(reader, component.dc) & 15);
  coefficients[start] = component.prediction << bit;
};

/** Progressive, one more bit of DC. */
export const refineDc: BlockDecoder = (reader, coefficients, start, _, { bit }) => {
  if (readBits(reader, 1)) coefficients[start] = (coefficients[start] as number) | (1 << bit);
};

/** Progressive, first scan of a band of AC. T.81, G.1.2.2. */
export const decodeFirstAc: BlockDecoder = (reader, coefficients, start, { ac }, scan) => {
  if (scan.endOfBandRun > 0) {
    scan.endOfBandRun--;
    return;
  }
  let k = scan.bandStart;
  for (; k <= scan.bandEnd; k++) {
    const symbol = readSymbol(reader, ac);
    const run = symbol >> 4;
    const size = symbol & 15;
    if (size === 0 && run < 15) {
      scan.endOfBandRun = readEndOfBandRun(reader, run) - 1;
      break;
    }
    k += run;
    if (size !== 0) coefficients[start + (k & 63)] = readValue(reader, size) << scan.bit;
  }
  if (k > scan.bandEnd + 1) throw runTooLong();
};

/** Progressive, one more bit of a band of AC. T.81, G.1.2.3. */
export const refineAc: BlockDecoder = (reader, coefficients, start, { ac }, scan) => {
  const last = start + scan.bandEnd;
  let at = start + scan.bandStart;
  while (scan.endOfBandRun === 0 && at <= last) {
    const symbol = readSymbol(reader, ac);
    const run = symbol >> 4;
    const isNew = (symbol & 15) !== 0;
    if (!isNew && run < 15) {
      scan.endOfBandRun = readEndOfBandRun(reader, run);
      break;
    }
    const value = isNew && readBits(reader, 1) ? 1 << scan.bit : -1 << scan.bit;
    at = refineUpTo(reader, coefficients, at, last, run, scan.bit);
    if (isNew) {
      if (at > last) throw runTooLong();
      coefficients[at] = value;
    }
    at++;
  }
  if (scan.endOfBandRun === 0) return;
  refineUpTo(reader, coefficients, at, last, Number.POSITIVE_INFINITY, scan.bit);
  scan.endOfBandRun--;
};

/** Decoders do not agree on what a run that leads out of its band means. */
const runTooLong = () => damaged('a run of zeros beyond its band');

/** Blocks of the run, this one included. */
const readEndOfBandRun = (reader: EntropyReader, size: number): number =>
  (1 << size) + readBits(reader, size);

/** Reads the next bit of every coefficient that is not zero, until `zeros` are passed; returns the place of the next zero. */
function refineUpTo(
  reader: EntropyReader,
  coefficients: Int16Array,
  from: number,
  last: number,
  zeros: number,
  bit: number,
): number {
  let left = zeros;
  let at = from;
  for (; at <= last; at++) {
    const value = coefficients[at] as number;
    if (value === 0) {
      if (left-- === 0) break;
    } else if (readBits(reader, 1) && (Math.abs(value) & (1 << bit)) === 0) {
      coefficients[at] = value + (value > 0 ? 1 << bit : -1 << bit);
    }
  }
  return at;
}
