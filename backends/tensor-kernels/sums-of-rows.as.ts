import { sumRows } from './epilogue.as';
import { evaluate, Lazy } from './lazy.as';
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

/** out [channels] = the sum of a lazy value over a tile's rows, or that is added to it. */
export function sumLazy(lazy: Lazy, tile: Tile, out: usize, isMore: bool): void {
  tile.free = tile.scratch;
  sumRows(evaluate(lazy, tile), tile, out, isMore);
}
