import { finishPart } from '../epilogue.as';
import { evaluate, Lazy } from '../lazy.as';
import { Call, rowsOfChunk, tileOf } from '../wasm-call.as';
import { isActivationGradient, storeActivationGradient } from './activation-gradient.as';

@unmanaged
class MaterializeColumns extends Call {
  x: Lazy;
  out: usize;
  rows: usize;
  c4: usize;
  sampleRows: usize;
  chunk: usize;
}

export function materializeColumns(p: MaterializeColumns, _column: usize, row: usize, scratch: usize): void {
  const rows = rowsOfChunk(row, p.chunk, p.rows);
  const tile = tileOf(scratch, row * p.chunk, rows, p.c4, p.sampleRows);
  const out = p.out + tile.first * tile.stride;
  if (isActivationGradient(p.x, p.epilogue))
    return storeActivationGradient(p.x, tile, out, p.epilogue.parts + row * 2 * tile.stride);
  evaluate(p.x, tile, out);
  finishPart(p.epilogue, row, tile);
}
