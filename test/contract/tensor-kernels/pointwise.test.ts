import fc from 'fast-check';
import { describe } from 'vitest';
import type { Epilogue } from '../../../backends/tensor-kernels/epilogue.ts';
import {
  type Lazy,
  load,
  multiply,
  normalize,
  output,
  sampleFactor,
  silu,
  standardize,
} from '../../../backends/tensor-kernels/lazy.ts';
import { pointwise } from '../../../backends/tensor-kernels/pointwise/pointwise.ts';
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

const SAMPLE_ROWS = 9;

function callOf(shape: Shape, x: Lazy = stored(shape), epilogue?: Epilogue): TensorCall {
  const { rows, n4, k4 } = shape;
  return {
    kernel: pointwise,
    label: 'test',
    work: 'test',
    operands: {
      x,
      w: viewOf(filled('w', 'store', 16 * n4 * k4)),
      out: viewOf(filled('out', 'store', rows * 4 * n4, () => 0)),
    },
    parameters: { ...shape, sampleRows: SAMPLE_ROWS },
    ...(epilogue && { epilogue }),
  };
}

const stored = ({ rows, k4 }: Shape): Lazy => load(viewOf(filled('x', 'store', rows * 4 * k4)));
const vectors = (name: string, c4: number) => viewOf(filled(name, 'f32', 8 * 4 * c4));
const parts = ({ rows, n4, chunk }: Shape) =>
  viewOf(filled('parts', 'f32', Math.ceil(rows / chunk) * 2 * 4 * n4, () => 0));

/** What a layer after a squeeze and excitation reads. */
const excited = (shape: Shape): Lazy =>
  multiply(
    silu(normalize(stored(shape), vectors('vectors', shape.k4))),
    sampleFactor(viewOf(filled('factors', 'f32', 4 * Math.ceil(shape.rows / SAMPLE_ROWS / 4)))),
  );

describe('pointwise', () => {
  itAsReference('multiplies tiles that are not full', () => callOf({ rows: 201, n4: 19, k4: 7, chunk: 150 }));

  itAsReference('multiplies one row', () => callOf({ rows: 1, n4: 1, k4: 1, chunk: 128 }));

  itAsReference('adds a bias, and writes float32 where the output is float32', () => {
    const call = callOf({ rows: 5, n4: 3, k4: 9, chunk: 5 });
    const bias = viewOf(filled('bias', 'f32', 12));
    return { ...call, operands: { ...call.operands, bias, out: viewOf(filled('out', 'f32', 60)) } };
  });

  itAsReference('adds a bias to more channels than a tile has', () => {
    const call = callOf({ rows: 23, n4: 19, k4: 3, chunk: 30 });
    return { ...call, operands: { ...call.operands, bias: viewOf(filled('bias', 'f32', 76)) } };
  });

  itAsReference('takes moments of the output of lazy values', () => {
    const shape = { rows: 300, n4: 5, k4: 6, chunk: 140 };
    return callOf(shape, excited(shape), { kind: 'moments', parts: parts(shape) });
  });

  itAsReference('sums two lazy values of the output', () => {
    const shape = { rows: 150, n4: 17, k4: 3, chunk: 64 };
    const xhat = standardize(load(viewOf(filled('z', 'store', 150 * 4 * 17))), vectors('vectors', 17));
    const terms = [output, multiply(output, xhat)] as const;
    return callOf(shape, stored(shape), { kind: 'sums', terms, parts: parts(shape) });
  });

  itAsReferenceInAnyShape(
    {
      rows: fc.integer({ min: 1, max: 300 }),
      n4: fc.integer({ min: 1, max: 20 }),
      k4: fc.integer({ min: 1, max: 12 }),
      chunk: fc.integer({ min: 1, max: 300 }),
    },
    (shape) => callOf(shape),
  );
});
