import { expect, it } from 'vitest';
import { pointwise } from '../../../../backends/tensor-kernels/pointwise/pointwise.ts';

const parameters = { rows: 2, n4: 1, k4: 1, sampleRows: 1, chunk: 2 };
const x = Float64Array.of(1, 2, 3, 4, 0, 0, 0, 2);
// one output channel a row
const w = Float64Array.of(1, 1, 1, 1, 0, 1, 0, 0, 10, 0, 0, 0, 0, 0, 0, -1);

it('multiplies each row by the weights of each output channel', () => {
  const out = new Float64Array(8);
  pointwise.reference({ x, w, bias: undefined, out }, parameters);
  expect([...out]).toEqual([10, 2, 10, -4, 2, 0, 0, -2]);
});

it('adds the bias of a channel to all rows', () => {
  const out = new Float64Array(8);
  pointwise.reference({ x, w, bias: Float64Array.of(100, 200, 300, 400), out }, parameters);
  expect([...out]).toEqual([110, 202, 310, 396, 102, 200, 300, 398]);
});
