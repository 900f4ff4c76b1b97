import { damaged } from './not-transcodable.ts';

const LONGEST_CODE = 16;
/** Codes up to this length are looked up: 2 KiB a table, so that all of a scan's tables stay in the first cache. */
export const LOOKUP_BITS = 10;

/** A Huffman code, ready to be decoded. An entry is length << 8 | symbol. */
export interface HuffmanLookup {
  /** The entry by the next 10 bits; 0 where the code is longer. */
  readonly entries: Uint16Array;
  /** For each length: one more than its last code, shifted to 16 bits. */
  readonly limits: Int32Array;
  /** For each length: what to add to a code to get its place among the symbols. */
  readonly offsets: Int32Array;
  readonly symbols: Uint8Array;
}

/** `counts`: how many codes have each length 1..16. `symbols`: in the order of their codes. T.81, annex C. */
export function buildLookup(counts: Uint8Array, symbols: Uint8Array): HuffmanLookup {
  const entries = new Uint16Array(1 << LOOKUP_BITS);
  const limits = new Int32Array(LONGEST_CODE + 1);
  const offsets = new Int32Array(LONGEST_CODE + 1);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const count = counts[length - 1] as number;
    if (code + count > 1 << length) throw damaged('Huffman table');
    offsets[length] = place - code;
    for (let i = 0; i < count; i++, code++, place++) {
      if (length > LOOKUP_BITS) continue;
      const spread = LOOKUP_BITS - length;
      entries.fill((length << 8) | (symbols[place] as number), code << spread, (code + 1) << spread);
    }
    limits[length] = code << (LONGEST_CODE - length);
    code <<= 1;
  }
  return { entries, limits, offsets, symbols };
}

/** The entry of a code longer than the lookup, from the next 16 bits. */
export function findLongCode({ limits, offsets, symbols }: HuffmanLookup, bits: number): number {
  for (let length = LOOKUP_BITS + 1; length <= LONGEST_CODE; length++) {
    if (bits >= (limits[length] as number)) continue;
    const place = (bits >>> (LONGEST_CODE - length)) + (offsets[length] as number);
    return (length << 8) | (symbols[place] as number);
  }
  throw damaged('unknown Huffman code');
}
