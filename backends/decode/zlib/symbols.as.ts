import { goOn, heldCount, heldValue, nextByte, sourceLimit } from './bits.as';
import { END_OF_BLOCK, LITERAL, SECOND_TABLE, SPECIAL } from './meanings.as';
import { DISTANCE_BITS, distanceTable, LENGTH_BITS, lengthTable } from './tables.as';

/**
 * Decodes by the tables up to the end of a block, which it returns; 0 where the block is damaged. Writes from `to` on,
 * and up to 32 bytes past `end`; the bytes before `to` begin at `start`.
 *
 * Of `left` the lower 6 bits count, and of an entry those that matter to a shift, which WebAssembly cuts to 5 or 6.
 * Filled up, `bits` has at least 56: enough for 4 literals of the first table and the next entry, or for a length and a
 * distance, which take at most 48.
 */
export function inflateSymbols(start: usize, to: usize, end: usize): usize {
  const limit = sourceLimit();
  let from = nextByte();
  let bits = heldValue();
  let left = heldCount();
  let entry: u32 = 0;
  while (from <= limit && to <= end) {
    bits |= load<u64>(from) << left;
    from += ((left ^ 63) >> 3) & 7;
    left |= 56;
    entry = first(lengthTable, LENGTH_BITS, bits);
    if (entry & LITERAL) {
      let more = 4;
      do {
        store<u8>(to++, entry >> 16);
        bits >>= entry;
        left -= entry;
        entry = first(lengthTable, LENGTH_BITS, bits);
      } while (entry & LITERAL && --more);
      if (entry & LITERAL) continue;
      bits |= load<u64>(from) << left;
      from += ((left ^ 63) >> 3) & 7;
      left |= 56;
    }
    if (entry & SPECIAL) {
      if (entry & SECOND_TABLE) entry = second(lengthTable, entry, bits);
      if (entry & LITERAL) {
        store<u8>(to++, entry >> 16);
        bits >>= entry;
        left -= entry;
        continue;
      }
      if (entry & SPECIAL) break;
    }
    const length = amount(entry, bits);
    bits >>= entry;
    left -= entry;
    entry = first(distanceTable, DISTANCE_BITS, bits);
    if (entry & SECOND_TABLE) entry = second(distanceTable, entry, bits);
    if (entry & SPECIAL) return 0;
    const distance = amount(entry, bits);
    bits >>= entry;
    left -= entry;
    if (distance > <u32>(to - start) || length > <u32>(end - to)) return 0;
    to = copyMatch(to, distance, length);
  }
  if (!(entry & END_OF_BLOCK) || to > end) return 0;
  goOn(from, bits >> entry, (left - entry) & 63);
  return to;
}

function first(table: usize, tableBits: u32, bits: u64): u32 {
  return load<u32>(table + ((<usize>bits & ((1 << tableBits) - 1)) << 2));
}

/** The entry of the second table to which `entry` leads. */
function second(table: usize, entry: u32, bits: u64): u32 {
  const rest = <u32>(bits >> entry) & ((1 << (entry >> 8)) - 1);
  return load<u32>(table + (((entry >> 16) + rest) << 2));
}

/** The length or distance of an entry, with its extra bits. */
function amount(entry: u32, bits: u64): u32 {
  return (entry >> 16) + ((<u32>bits & ((1 << entry) - 1)) >> (entry >> 8));
}

/** Returns where the copy ends; writes up to 28 bytes too many. */
function copyMatch(to: usize, distance: usize, length: usize): usize {
  const end = to + length;
  const from = to - distance;
  // what is there repeats itself: each copy makes it twice as long
  for (; distance < 16; distance <<= 1) {
    v128.store(to, v128.load(from));
    to += distance;
  }
  for (distance = to - from; to < end; to += 16) v128.store(to, v128.load(to - distance));
  return end;
}
