import { fillHeld, heldValue, take } from './bits.as';
import { codeLengths, distances, literalsAndLengths } from './meanings.as';
import {
  buildTable,
  CODE_LENGTH_BITS,
  codeLengthTable,
  DISTANCE_BITS,
  distanceTable,
  LENGTH_BITS,
  lengthTable,
} from './tables.as';

/** Lengths of codes: of code lengths, or of literals and lengths and then of distances. */
const lengths: usize = memory.data(320, 16);

export function buildFixedTables(): void {
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  buildTable(lengthTable, LENGTH_BITS, lengths, 288, literalsAndLengths, false);
  memory.fill(lengths, 5, 32);
  buildTable(distanceTable, DISTANCE_BITS, lengths, 32, distances, false);
}

/** In this order a block tells how long the codes of code lengths are. */
const order = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Reads the codes of a dynamic block. False where zlib refuses them. */
export function readTables(): bool {
  const lengthSymbols = take(5) + 257;
  const distanceSymbols = take(5) + 1;
  if (lengthSymbols > 286 || distanceSymbols > 30) return false;
  return (
    readCodeLengthTable(take(4) + 4) &&
    readLengths(lengthSymbols + distanceSymbols) &&
    load<u8>(lengths, END_OF_BLOCK_SYMBOL) != 0 &&
    buildTable(lengthTable, LENGTH_BITS, lengths, lengthSymbols, literalsAndLengths, true) &&
    buildTable(distanceTable, DISTANCE_BITS, lengths + lengthSymbols, distanceSymbols, distances, true)
  );
}

const END_OF_BLOCK_SYMBOL: usize = 256;

function readCodeLengthTable(count: u32): bool {
  memory.fill(lengths, 0, 19);
  fillHeld();
  for (let i: u32 = 0; i < count; i++) {
    if (i == 16) fillHeld();
    store<u8>(lengths + load<u8>(order + i), take(3));
  }
  return buildTable(codeLengthTable, CODE_LENGTH_BITS, lengths, 19, codeLengths, false);
}

/** Symbols 0..15 are lengths; 16 repeats the one before, 17 and 18 repeat 0. */
function readLengths(count: u32): bool {
  let i: u32 = 0;
  while (i < count) {
    fillHeld();
    const entry = load<u32>(codeLengthTable + ((<usize>heldValue() & ((1 << CODE_LENGTH_BITS) - 1)) << 2));
    take(entry & 15);
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(lengths + i++, symbol);
      continue;
    }
    if (symbol == 16 && i == 0) return false;
    const length = symbol == 16 ? load<u8>(lengths + i - 1) : 0;
    const times = symbol == 16 ? take(2) + 3 : symbol == 17 ? take(3) + 3 : take(7) + 11;
    if (i + times > count) return false;
    memory.fill(lengths + i, length, times);
    i += times;
  }
  return true;
}
