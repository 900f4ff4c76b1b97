import { Lazy } from './lazy.as';

/**
 * What an export is told of a call. After these words come, in the order of the kernel's definition: the address of each
 * operand (of a lazy one: of its Lazy; of a list: of its number and then their addresses; 0: not there), each parameter, each constant,
 * and where the definition says `elementOf`, whether that operand is float16.
 */
@unmanaged
export class Call {
  epilogue: Epilogue;
  /** Tiles side by side. */
  columns: usize;
}

/** Sums of the output: `first` and `second` are summed, or the moments of `first` are taken where `second` is 0. */
@unmanaged
export class Epilogue {
  parts: usize;
  first: Lazy;
  second: Lazy;
}

/** The rows and the columns that a tile has of a tensor [rows, channels]. */
@unmanaged
export class Tile {
  first: usize;
  rows: usize;
  /** Bytes of a row. */
  stride: usize;
  /** Bytes before the first column, and before the end. */
  from: usize;
  to: usize;
  /** Rows of a sample. */
  sampleRows: usize;
  /** Scratch memory: values of lazy operands begin at `scratch`, what is free begins at `free`. */
  scratch: usize;
  free: usize;
}

/** Bytes of a Tile, rounded up: what follows it is aligned. */
export const TILE_BYTES: usize = 48;

/** A tile of all columns, which takes scratch memory from `scratch` on. */
export function tileOf(scratch: usize, first: usize, rows: usize, width4: usize, sampleRows: usize): Tile {
  const tile = changetype<Tile>(scratch);
  tile.first = first;
  tile.rows = rows;
  tile.stride = width4 * 16;
  tile.from = 0;
  tile.to = tile.stride;
  tile.sampleRows = sampleRows;
  tile.scratch = scratch + TILE_BYTES;
  tile.free = tile.scratch;
  return tile;
}

/** Confines a tile to the column-th of `columns` blocks of whole groups of `group4` x 4 channels. */
export function confine(tile: Tile, column: usize, columns: usize, group4: usize): void {
  const groups = ((tile.stride >> 4) + group4 - 1) / group4;
  const width = ((groups + columns - 1) / columns) * group4 * 16;
  tile.from = min(column * width, tile.stride);
  tile.to = min(tile.from + width, tile.stride);
}

/** Rows of the row-th chunk. */
export function rowsOfChunk(row: usize, chunk: usize, rows: usize): usize {
  return min(chunk, rows - row * chunk);
}
