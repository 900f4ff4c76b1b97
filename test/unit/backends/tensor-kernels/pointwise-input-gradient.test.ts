import { expect, it } from 'vitest';
import { pointwiseInputGradient } from '../../../../backends/tensor-kernels/pointwise-input-gradient/pointwise-input-gradient.ts';

const parameters = { rows: 2, n4: 1, k4: 1, sampleRows: 1, chunk: 2 };
const g = Float64Array.of(1, 2, 3, 4, 0, 0, 0, 2);
// one output channel of the convolution a row
const w = Float64Array.of(1, 0, 0, 5, 1, 1, 0, 0, 0, 0, 10, 0, -1, 0, 0, 0);

it('sums the weights of the output channels by their gradients', () => {
  const out = new Float64Array(8);
  pointwiseInputGradient.reference({ g, w, add: undefined, out }, parameters);
  expect([...out]).toEqual([-1, 2, 30, 5, -2, 0, 0, 0]);
});

it('adds the gradient that comes by another way', () => {
  const out = new Float64Array(8);
  const add = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  pointwiseInputGradient.reference({ g, w, add, out }, parameters);
  expect([...out]).toEqual([0, 4, 33, 9, 3, 6, 7, 8]);
});
