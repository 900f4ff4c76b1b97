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

/** A gradient through a batch norm of 12 channels, and an excited activation of 20. */
function lazies(rows = 40): { g: Lazy; x: Lazy } {
  const z = stored('z', rows * 12);
  const slope = siluSlope(normalize(z, vectors('vectors', 3)));
  const g = unnormalize(multiply(stored('g', rows * 12), slope), z, vectors('vectors', 3));
  const factors = perSample(load(viewOf(filled('factors', 'f32', Math.ceil(rows / 9) * 20))));
  return { g, x: multiply(silu(normalize(stored('x', rows * 20), vectors('input vectors', 5))), factors) };
}

/** Adds the sum over all rows to a gradient. */
function addingCallOf(shape: Omit<Shape, 'chunk'>, lazies: { g?: Lazy; x?: Lazy } = {}): TensorCall {
  const call = callOf({ ...shape, chunk: shape.rows }, lazies);
  const { g, x } = call.operands as Record<'g' | 'x', Lazy>;
  return {
    ...call,
    operands: { g, x, gradient: viewOf(filled('gradient', 'f32', 16 * shape.n4 * shape.k4)) },
  };
}

describe('pointwise-filter-gradient', () => {
  itAsReference('sums chunks of rows in tiles that are not full', () =>
    callOf({ rows: 75, n4: 35, k4: 17, chunk: 40 }),
  );

  itAsReference('multiplies one row', () => callOf({ rows: 1, n4: 1, k4: 1, chunk: 64 }));

  itAsReference('sums chunks of more rows than are evaluated at a time', () =>
    callOf({ rows: 700, n4: 9, k4: 20, chunk: 300 }),
  );

  itAsReference('multiplies lazy values', () => callOf({ rows: 40, n4: 3, k4: 5, chunk: 18 }, lazies()));

  itAsReference('adds to a gradient of more outputs than inputs', () =>
    addingCallOf({ rows: 50, n4: 35, k4: 17 }),
  );

  itAsReference('adds to a gradient of more inputs than outputs', () =>
    addingCallOf({ rows: 50, n4: 5, k4: 43 }),
  );

  itAsReference('adds sums of lazy values to a gradient', () =>
    addingCallOf({ rows: 40, n4: 3, k4: 5 }, lazies()),
  );

  itAsReference('adds sums of more rows than are evaluated at a time to a gradient', () =>
    addingCallOf({ rows: 300, n4: 3, k4: 5 }, lazies(300)),
  );

  itAsReferenceInAnyShape(
    {
      rows: fc.integer({ min: 1, max: 100 }),
      n4: fc.integer({ min: 1, max: 40 }),
      k4: fc.integer({ min: 1, max: 20 }),
      chunk: fc.integer({ min: 1, max: 100 }),
    },
    (shape) => callOf(shape),
  );

  describe('into a gradient', () =>
    itAsReferenceInAnyShape(
      {
        rows: fc.integer({ min: 1, max: 300 }),
        n4: fc.integer({ min: 1, max: 40 }),
        k4: fc.integer({ min: 1, max: 40 }),
      },
      (shape) => addingCallOf(shape),
    ));
});
