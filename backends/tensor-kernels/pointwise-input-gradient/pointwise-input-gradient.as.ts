import { finishPart } from '../epilogue.as';
import { evaluate, Lazy } from '../lazy.as';
import { multiplyRows } from '../panels.as';
import { transposePanels } from '../transpose-panels.as';
import { Call, confine, rowsOfChunk, tileOf } from '../wasm-call.as';

@unmanaged
class PointwiseInputGradient extends Call {
  g: Lazy;
  w: usize;
  add: Lazy;
  out: usize;
  rows: usize;
  n4: usize;
  k4: usize;
  sampleRows: usize;
  chunk: usize;
}

export function pointwiseInputGradient(
  p: PointwiseInputGradient,
  column: usize,
  row: usize,
  scratch: usize,
): void {
  const rows = rowsOfChunk(row, p.chunk, p.rows);
  const depth = p.k4 * 4;
  const output = tileOf(scratch, row * p.chunk, rows, p.n4, p.sampleRows);
  confine(output, column, p.columns, 2);
  const weights = output.free;
  transposePanels(p.w, p.n4 * 4, depth, output.from >> 2, output.to >> 2, weights);
  const input = tileOf(weights + (output.to - output.from) * depth, output.first, rows, p.k4, p.sampleRows);
  const g = evaluate(p.g, input);
  output.scratch = input.free;
  output.free = input.free;
  const add: usize = changetype<usize>(p.add) === 0 ? 0 : evaluate(p.add, output);
  const out = p.out + output.first * output.stride;
  multiplyRows(g, input.stride, weights, depth, add, output.stride, output, out);
  finishPart(p.epilogue, row, output);
}
