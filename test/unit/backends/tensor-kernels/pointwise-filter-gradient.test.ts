import { expect, it } from 'vitest';
import { pointwiseFilterGradient } from '../../../../backends/tensor-kernels/pointwise-filter-gradient/pointwise-filter-gradient.ts';

it('sums the products of gradients and inputs over the rows of each chunk', () => {
  const g = Float64Array.of(1, 2, 0, 0, 10, 0, 0, -1, 3, 0, 0, 0);
  const x = Float64Array.of(1, 0, 0, 5, 1, 1, 0, 0, 0, 0, 7, 0);
  const parts = new Float64Array(32);
  pointwiseFilterGradient.reference({ g, x, parts }, { rows: 3, n4: 1, k4: 1, sampleRows: 1, chunk: 2 });
  const ofFirstTwoRows = [11, 10, 0, 5, 2, 0, 0, 10, 0, 0, 0, 0, -1, -1, 0, 0];
  const ofLastRow = [0, 0, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  expect([...parts]).toEqual([...ofFirstTwoRows, ...ofLastRow]);
});

it('adds the sum over all rows to the gradient', () => {
  const g = Float64Array.of(1, 2, 0, 0, 10, 0, 0, -1);
  const x = Float64Array.of(1, 0, 0, 5, 1, 1, 0, 0);
  const gradient = new Float64Array(16).fill(100);
  pointwiseFilterGradient.reference({ g, x, gradient }, { rows: 2, n4: 1, k4: 1, sampleRows: 1, chunk: 2 });
  expect([...gradient]).toEqual(
    [11, 10, 0, 5, 2, 0, 0, 10, 0, 0, 0, 0, -1, -1, 0, 0].map((sum) => 100 + sum),
  );
});
