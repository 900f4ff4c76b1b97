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
  siluSlope,
  standardize,
  unnormalize,
} from '../../../backends/tensor-kernels/lazy.ts';
import { pointwiseInputGradient } from '../../../backends/tensor-kernels/pointwise-input-gradient/pointwise-input-gradient.ts';
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
const stored = (name: string, rows: number, c4: number): Lazy =>
  load(viewOf(filled(name, 'store', rows * 4 * c4)));
const vectors = (name: string, c4: number) => viewOf(filled(name, 'f32', 8 * 4 * c4));
const parts = ({ rows, n4, chunk }: Shape) =>
  viewOf(filled('parts', 'f32', Math.ceil(rows / chunk) * 2 * 4 * n4, () => 0));

function callOf(shape: Shape, lazies: Record<string, Lazy> = {}, epilogue?: Epilogue): TensorCall {
  const { rows, n4, k4 } = shape;
  return {
    kernel: pointwiseInputGradient,
    label: 'test',
    work: 'test',
    operands: {
      g: stored('g', rows, k4),
      w: viewOf(filled('w', 'store', 16 * n4 * k4)),
      out: viewOf(filled('out', 'store', rows * 4 * n4, () => 0)),
      ...lazies,
    },
    parameters: { ...shape, sampleRows: SAMPLE_ROWS },
    ...(epilogue && { epilogue }),
  };
}

/** The gradient of what a convolution computed, from that of the activation after its batch norm. */
function throughNorm(rows: number, c4: number): Lazy {
  const z = stored('z', rows, c4);
  const slope = siluSlope(normalize(z, vectors('vectors', c4)));
  return unnormalize(multiply(stored('g', rows, c4), slope), z, vectors('vectors', c4));
}

describe('pointwise-input-gradient', () => {
  itAsReference('multiplies tiles that are not full', () => callOf({ rows: 201, n4: 19, k4: 7, chunk: 150 }));

  itAsReference('multiplies one row', () => callOf({ rows: 1, n4: 1, k4: 1, chunk: 128 }));

  itAsReference('adds a lazy value', () => {
    const factors = viewOf(filled('factors', 'f32', 8));
    const add = multiply(stored('skip', 40, 5), sampleFactor(factors));
    return callOf({ rows: 40, n4: 5, k4: 3, chunk: 40 }, { add });
  });

  itAsReference('adds a lazy value to more channels than a tile has', () => {
    const add = multiply(stored('skip', 23, 19), stored('other skip', 23, 19));
    return callOf({ rows: 23, n4: 19, k4: 3, chunk: 30 }, { add });
  });

  itAsReference('sums two lazy values of the output of lazy values', () => {
    const shape = { rows: 150, n4: 17, k4: 5, chunk: 64 };
    const z = stored('input', 150, 17);
    const gradient = multiply(output, siluSlope(normalize(z, vectors('input vectors', 17))));
    const terms = [gradient, multiply(gradient, standardize(z, vectors('input vectors', 17)))] as const;
    return callOf(shape, { g: throughNorm(150, 5) }, { kind: 'sums', terms, parts: parts(shape) });
  });

  itAsReference('takes moments of the output with what is added', () => {
    const shape = { rows: 140, n4: 3, k4: 5, chunk: 130 };
    return callOf(shape, { add: stored('skip', 140, 3) }, { kind: 'moments', parts: parts(shape) });
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
