import { sumBoth } from '../epilogue.as';
import { Lazy } from '../lazy.as';
import { moveTo, rowsOfBlock } from '../sums-of-rows.as';
import { Call, confine, rowsOfChunk, tileOf } from '../wasm-call.as';

@unmanaged
class ColumnSums extends Call {
  first: Lazy;
  second: Lazy;
  parts: usize;
  rows: usize;
  c4: usize;
  sampleRows: usize;
  chunk: usize;
}

export function columnSums(p: ColumnSums, column: usize, row: usize, scratch: usize): void {
  const start = row * p.chunk;
  const end = start + rowsOfChunk(row, p.chunk, p.rows);
  const tile = tileOf(scratch, start, 0, p.c4, p.sampleRows);
  confine(tile, column, p.columns, 4);
  const out = p.parts + row * 2 * tile.stride;
  const block = rowsOfBlock(tile.stride);
  for (let first = start; first < end; first += block) {
    moveTo(tile, first, min(block, end - first));
    sumBoth(p.first, p.second, tile, out, first > start);
  }
}
