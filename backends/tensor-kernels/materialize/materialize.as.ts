import { evaluate, Lazy } from '../lazy.as';
import { Call, rowsOfChunk, tileOf } from '../wasm-call.as';

@unmanaged
class Materialize extends Call {
  x: Lazy;
  out: usize;
  rows: usize;
  c4: usize;
  sampleRows: usize;
}

export function materialize(p: Materialize, _column: usize, row: usize, scratch: usize): void {
  const chunk = max<usize>(1, 2048 / p.c4);
  const tile = tileOf(scratch, row * chunk, rowsOfChunk(row, chunk, p.rows), p.c4, p.sampleRows);
  evaluate(p.x, tile, p.out + tile.first * tile.stride);
}
