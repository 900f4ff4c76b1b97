import { finishPart } from '../epilogue.as';
import { evaluate, Lazy } from '../lazy.as';
import { multiplyRows } from '../panels.as';
import { Call, confine, rowsOfChunk, tileOf } from '../wasm-call.as';

@unmanaged
class Pointwise extends Call {
  x: Lazy;
  w: usize;
  bias: usize;
  out: usize;
  rows: usize;
  n4: usize;
  k4: usize;
  sampleRows: usize;
  chunk: usize;
}

export function pointwise(p: Pointwise, column: usize, row: usize, scratch: usize): void {
  const rows = rowsOfChunk(row, p.chunk, p.rows);
  const input = tileOf(scratch, row * p.chunk, rows, p.k4, p.sampleRows);
  const x = evaluate(p.x, input);
  const output = tileOf(input.free, input.first, rows, p.n4, p.sampleRows);
  confine(output, column, p.columns, 2);
  const out = p.out + output.first * output.stride;
  const depth = p.k4 * 4;
  multiplyRows(x, input.stride, p.w + output.from * depth, depth, p.bias, 0, output, out);
  finishPart(p.epilogue, row, output);
}
