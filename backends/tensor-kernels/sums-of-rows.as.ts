import { Tile } from './wasm-call.as';

/** Values that are summed at a time, / 4: sums-of-rows.ts has the same. */
const BLOCK4: usize = 2048;

/** Rows that are summed at a time. */
export const rowsOfBlock = (stride: usize): usize => max<usize>(1, (BLOCK4 * 16) / stride);

/** Moves a tile to other rows, and frees its scratch memory. */
export function moveTo(tile: Tile, first: usize, rows: usize): void {
  tile.first = first;
  tile.rows = rows;
  tile.free = tile.scratch;
}
