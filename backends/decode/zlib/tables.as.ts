import { SECOND_TABLE, SPECIAL } from './meanings.as';

/** The longest code. */
const MOST_BITS: u32 = 15;
export const LENGTH_BITS: u32 = 10;
export const DISTANCE_BITS: u32 = 9;
export const CODE_LENGTH_BITS: u32 = 7;

/** Both tables of a code together: as many entries as zlib's enough.c finds for 286 symbols of 15 bits, and for 30. */
export const lengthTable: usize = memory.data(1332 << 2, 16);
export const distanceTable: usize = memory.data(592 << 2, 16);
export const codeLengthTable: usize = memory.data(128 << 2, 16);

/** Symbols by the length of their codes, and for each length the place after its last. */
const sorted: usize = memory.data(288 << 1, 16);
const counts: usize = memory.data(16 << 2, 16);
const ends: usize = memory.data(16 << 2, 16);

/**
 * Builds the table of the codes whose lengths are the bytes at `lengths`. False where zlib refuses them: codes overlap, or
 * leave bits without a meaning. Only for lengths and distances may there be a single code of one bit, or none.
 */
export function buildTable(
  table: usize,
  tableBits: u32,
  lengths: usize,
  symbols: u32,
  meanings: usize,
  mayBeSingle: bool,
): bool {
  sortSymbols(lengths, symbols);
  const free = freeSpace();
  const isSingle = free == 1 << MOST_BITS || (free == 1 << (MOST_BITS - 1) && load<u32>(counts, 4) == 1);
  if (free != 0 && !(isSingle && mayBeSingle)) return false;
  if (free != 0) fillWith(table, SPECIAL, tableBits);
  fillTable(table, tableBits, meanings);
  return true;
}

function sortSymbols(lengths: usize, symbols: u32): void {
  memory.fill(counts, 0, 16 << 2);
  for (let i: u32 = 0; i < symbols; i++) {
    const count = counts + ((<usize>load<u8>(lengths + i)) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  store<u32>(counts, 0);
  let end: u32 = 0;
  for (let bits: u32 = 1; bits <= MOST_BITS; bits++) {
    store<u32>(ends + ((<usize>bits) << 2), end);
    end += load<u32>(counts + ((<usize>bits) << 2));
  }
  for (let i: u32 = 0; i < symbols; i++) {
    const bits = <usize>load<u8>(lengths + i);
    if (bits == 0) continue;
    const place = load<u32>(ends + (bits << 2));
    store<u16>(sorted + ((<usize>place) << 1), i);
    store<u32>(ends + (bits << 2), place + 1);
  }
}

/** What the codes leave of 2 ** 15, of which a code of n bits takes 2 ** (15 - n); negative where they overlap. */
function freeSpace(): i32 {
  let free: i32 = 1 << MOST_BITS;
  for (let bits: u32 = 1; bits <= MOST_BITS; bits++)
    free -= load<i32>(counts + ((<usize>bits) << 2)) << (MOST_BITS - bits);
  return free;
}

function fillWith(table: usize, entry: u32, bits: u32): void {
  for (const end = table + (4 << bits); table < end; table += 4) store<u32>(table, entry);
}

/** Codes come in order of their bits, of which the stream has the first one lowest. */
function fillTable(table: usize, tableBits: u32, meanings: usize): void {
  let code: u32 = 0;
  let symbol = sorted;
  let second: usize = 0;
  let secondPrefix: u32 = u32.MAX_VALUE;
  let end = table + (4 << tableBits);
  for (let bits: u32 = 1; bits <= MOST_BITS; bits++) {
    const last = sorted + ((<usize>load<u32>(ends + ((<usize>bits) << 2))) << 1);
    for (; symbol < last; symbol += 2) {
      const meaning = load<u32>(meanings + ((<usize>load<u16>(symbol)) << 2));
      const entry = meaning + (bits << 8) + bits;
      const prefix = code & ((1 << tableBits) - 1);
      if (bits <= tableBits) {
        setEvery(table + (code << 2), table + (4 << tableBits), bits, entry);
      } else {
        if (prefix != secondPrefix) {
          secondPrefix = prefix;
          second = end;
          const secondBits = bitsOfSecond(bits, tableBits, <u32>(last - symbol) >> 1);
          const place = <u32>(second - table) >> 2;
          const leading = SPECIAL | SECOND_TABLE | (place << 16) | (secondBits << 8) | tableBits;
          store<u32>(table + (prefix << 2), leading);
          end += 4 << secondBits;
        }
        setEvery(second + ((code >> tableBits) << 2), end, bits - tableBits, entry);
      }
      code = after(code, bits);
    }
  }
}

/** Every place, from the first at `at` on, whose lower `bits` are the same. */
function setEvery(at: usize, end: usize, bits: u32, entry: u32): void {
  for (; at < end; at += 4 << bits) store<u32>(at, entry);
}

/** Bits of a second table: as many as the codes need that share their first `tableBits`, of which `count` have `bits`. */
function bitsOfSecond(bits: u32, tableBits: u32, count: u32): u32 {
  let free: i32 = (1 << (bits - tableBits)) - count;
  while (free > 0) free = (free << 1) - load<i32>(counts + ((<usize>++bits) << 2));
  return bits - tableBits;
}

/** The next of the codes of this many bits, first bit lowest; of the last one, which is all ones, the first. */
function after(code: u32, bits: u32): u32 {
  const zeros = code ^ ((1 << bits) - 1);
  if (zeros == 0) return 0;
  const highest: u32 = 1 << (31 - clz(zeros));
  return (code & (highest - 1)) | highest;
}
