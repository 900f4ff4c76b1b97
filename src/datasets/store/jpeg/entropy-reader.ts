import { findLongCode, type HuffmanLookup, LOOKUP_BITS } from './huffman-lookup.ts';
import { damaged } from './not-transcodable.ts';
import { Scratch } from './scratch.ts';

/** A block reads at most 64 times a code of 16 and a value of 15 bits before its end is checked. */
const SLACK_BYTES = 512;

const scratch = new Scratch();

/** Reads bits of an interval (the entropy-coded bytes between two markers), from which stuffed zeros are taken out first. */
export class EntropyReader {
  readonly view: DataView;
  readonly #unstuffed: Uint8Array;
  /** In bits. */
  position = 0;
  #end = 0;

  constructor(mostBytes: number) {
    const memory = scratch.atLeast(mostBytes + SLACK_BYTES);
    this.#unstuffed = new Uint8Array(memory);
    this.view = new DataView(memory);
  }

  /** Takes the interval that starts at `at`; returns where the marker after it starts. */
  load(bytes: Buffer, at: number): number {
    const unstuffed = this.#unstuffed;
    let length = 0;
    let next = at;
    for (; next < bytes.length; next++) {
      const byte = bytes[next] as number;
      if (byte === 0xff && bytes[next + 1] !== 0) {
        if (bytes[next + 1] !== 0xff) break;
        continue; // a fill byte before a marker
      }
      unstuffed[length++] = byte;
      if (byte === 0xff) next++;
    }
    unstuffed.fill(0, length, length + SLACK_BYTES);
    this.position = 0;
    this.#end = length * 8;
    return next;
  }

  checkEnd(): void {
    if (this.position > this.#end) throw damaged('a scan ends too early');
  }
}

/** The next bits, at the top of 32, of which at least 25 are valid. */
export const peek = (view: DataView, position: number): number =>
  view.getInt32(position >> 3) << (position & 7);

export function readBits(reader: EntropyReader, count: number): number {
  if (count === 0) return 0;
  const bits = peek(reader.view, reader.position) >>> (32 - count);
  reader.position += count;
  return bits;
}

/** The entry (length << 8 | symbol) of the code at the top of `bits`. */
export function lookUp(table: HuffmanLookup, bits: number): number {
  const entry = table.entries[bits >>> (32 - LOOKUP_BITS)] as number;
  return entry === 0 ? findLongCode(table, bits >>> 16) : entry;
}

export function readSymbol(reader: EntropyReader, table: HuffmanLookup): number {
  const entry = lookUp(table, peek(reader.view, reader.position));
  reader.position += entry >> 8;
  return entry & 0xff;
}

/** The signed value of `size` bits, 1..15, at the top of `bits`: where the first is 0 it is negative. T.81, F.2.2.1. */
export const toValue = (bits: number, size: number): number =>
  (bits >>> (32 - size)) + (~(bits >> 31) & (1 - (1 << size)));

export function readValue(reader: EntropyReader, size: number): number {
  if (size === 0) return 0;
  const bits = peek(reader.view, reader.position);
  reader.position += size;
  return toValue(bits, size);
}
