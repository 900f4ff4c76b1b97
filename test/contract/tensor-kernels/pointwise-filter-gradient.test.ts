import fc from 'fast-check';
import { describe } from 'vitest';
import {
  type Lazy,
  load,
  multiply,
  normalize,
  perSample,
  silu,
  siluSlope,
  unnormalize,
} from '../../../backends/tensor-kernels/lazy.ts';
import { pointwiseFilterGradient } from '../../../backends/tensor-kernels/pointwise-filter-gradient/pointwise-filter-gradient.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { filled } from '../../support/tensor-calls.ts';
import { itAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

interface Shape {
  readonly rows: number;
  readonly n4: number;
  readonly k4: number;
  readonly chunk: number;
}

const stored = (name: string, size: number): Lazy => load(viewOf(filled(name, 'store', size)));
const vectors = (name: string, c4: number) => viewOf(filled(name, 'f32', 8 * 4 * c4));

function callOf(shape: Shape, lazies: { g?: Lazy; x?: Lazy } = {}): TensorCall {
  const { rows, n4, k4, chunk } = shape;
  const { g = stored('g', rows * 4 * n4), x = stored('x', rows * 4 * k4) } = lazies;
  const size = Math.ceil(rows / chunk) * 16 * n4 * k4;
  return {
    kernel: pointwiseFilterGradient,
    label: 'test',
    work: 'test',
    operands: { g, x, parts: viewOf(filled('parts', 'f32', size, () => 0)) },
    parameters: { ...shape, sampleRows: 9 },
  };
}

describe('pointwise-filter-gradient', () => {
  itAsReference('sums chunks of rows in tiles that are not full', () =>
    callOf({ rows: 75, n4: 35, k4: 17, chunk: 40 }),
  );

  itAsReference('multiplies one row', () => callOf({ rows: 1, n4: 1, k4: 1, chunk: 64 }));

  itAsReference('multiplies lazy values', () => {
    const shape = { rows: 40, n4: 3, k4: 5, chunk: 18 };
    const z = stored('z', 40 * 12);
    const slope = siluSlope(normalize(z, vectors('vectors', 3)));
    const g = unnormalize(multiply(stored('g', 40 * 12), slope), z, vectors('vectors', 3));
    const factors = perSample(load(viewOf(filled('factors', 'f32', 5 * 20))));
    const x = multiply(silu(normalize(stored('x', 40 * 20), vectors('input vectors', 5))), factors);
    return callOf(shape, { g, x });
  });

  itAsReferenceInAnyShape(
    {
      rows: fc.integer({ min: 1, max: 100 }),
      n4: fc.integer({ min: 1, max: 40 }),
      k4: fc.integer({ min: 1, max: 20 }),
      chunk: fc.integer({ min: 1, max: 100 }),
    },
    (shape) => callOf(shape),
  );
});
