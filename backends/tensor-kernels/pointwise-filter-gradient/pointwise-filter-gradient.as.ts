import { evaluate, Lazy } from '../lazy.as';
import { Call, confine, rowsOfChunk, tileOf } from '../wasm-call.as';
import { addProducts } from './outer-products.as';

@unmanaged
class PointwiseFilterGradient extends Call {
  g: Lazy;
  x: Lazy;
  parts: usize;
  gradient: usize;
  rows: usize;
  n4: usize;
  k4: usize;
  sampleRows: usize;
  chunk: usize;
}

/** Rows at a time: pointwise-filter-gradient.ts has the same. */
const BLOCK: usize = 128;

export function pointwiseFilterGradient(
  p: PointwiseFilterGradient,
  column: usize,
  row: usize,
  scratch: usize,
): void {
  const first = row * p.chunk;
  const end = first + rowsOfChunk(row, p.chunk, p.rows);
  const isPart = p.gradient === 0;
  const weights = isPart ? p.parts + row * p.n4 * p.k4 * 64 : p.gradient;
  for (let block = first; block < end; block += BLOCK) {
    const rows = min(BLOCK, end - block);
    const outputs = tileOf(scratch, block, rows, p.n4, p.sampleRows);
    // the wider is divided: each tile evaluates all of the narrower
    if (p.n4 >= p.k4) confine(outputs, column, p.columns, 2);
    const g = evaluate(p.g, outputs);
    const inputs = tileOf(outputs.free, block, rows, p.k4, p.sampleRows);
    if (p.n4 < p.k4) confine(inputs, column, p.columns, 2);
    const x = evaluate(p.x, inputs);
    addProducts(g, outputs, x, inputs, weights, isPart && block === first);
  }
}
