/*
 * Tables that give a code's meaning for the next bits of the stream. An entry is
 *   bits  0..7   how many bits to drop: the code's and, after it, the extra ones of its symbol
 *   bits  8..11  how many of them are the code's
 *   bits 13..15  flags
 *   bits 16..30  literal, length or distance without extra bits, or symbol
 *   bit  31      flag
 * Codes longer than `tableBits` go on in a second table: to it leads an entry with its place in bits 16..30, its bits in
 * 8..11, and the first table's bits in 0..7. The second table's entries count all bits of the code.
 */
export const LITERAL: u32 = 1 << 31;
/** Neither literal, length nor distance. With none of the next two flags: a code that stands for nothing. */
export const SPECIAL: u32 = 1 << 15;
export const SECOND_TABLE: u32 = 1 << 14;
export const END_OF_BLOCK: u32 = 1 << 13;

/** What symbols stand for: an entry without the code's bits. Of the fixed codes some stand for nothing. */
export const literalsAndLengths: usize = memory.data(288 << 2, 16);
export const distances: usize = memory.data(32 << 2, 16);
export const codeLengths: usize = memory.data(19 << 2, 16);

for (let symbol: u32 = 0; symbol < 256; symbol++)
  setMeaning(literalsAndLengths, symbol, LITERAL | (symbol << 16));
setMeaning(literalsAndLengths, 256, SPECIAL | END_OF_BLOCK);
for (let i: u32 = 0, base: u32 = 3; i < 28; i++) {
  const extra = i < 8 ? 0 : (i >> 2) - 1;
  setMeaning(literalsAndLengths, 257 + i, (base << 16) | extra);
  base += 1 << extra;
}
setMeaning(literalsAndLengths, 285, 258 << 16);
setMeaning(literalsAndLengths, 286, SPECIAL);
setMeaning(literalsAndLengths, 287, SPECIAL);
for (let i: u32 = 0, base: u32 = 1; i < 30; i++) {
  const extra = i < 4 ? 0 : (i >> 1) - 1;
  setMeaning(distances, i, (base << 16) | extra);
  base += 1 << extra;
}
setMeaning(distances, 30, SPECIAL);
setMeaning(distances, 31, SPECIAL);
for (let i: u32 = 0; i < 19; i++) setMeaning(codeLengths, i, i << 16);

function setMeaning(meanings: usize, symbol: u32, meaning: u32): void {
  store<u32>(meanings + ((<usize>symbol) << 2), meaning);
}
