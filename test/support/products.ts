import { load, multiply, normalize, output, silu, standardize } from '../../backends/tensor-kernels/lazy.ts';
import { pointwise } from '../../backends/tensor-kernels/pointwise/pointwise.ts';
import { pointwiseFilterGradient } from '../../backends/tensor-kernels/pointwise-filter-gradient/pointwise-filter-gradient.ts';
import { pointwiseInputGradient } from '../../backends/tensor-kernels/pointwise-input-gradient/pointwise-input-gradient.ts';
import { viewOf } from '../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../backends/tensor-kernels/tensor-kernel.ts';
import { filled } from './tensor-calls.ts';

const [rows, n4, k4, chunk] = [150, 35, 11, 80] as const;
const stored = (name: string, size: number) => viewOf(filled(name, 'store', size));
const written = (name: string, size: number) => viewOf(filled(name, 'f32', size, () => 0));
const vectors = viewOf(filled('vectors', 'f32', 8 * 4 * Math.max(n4, k4)));
const common = { label: 'test', work: 'test', parameters: { rows, n4, k4, sampleRows: 30, chunk } };
const parts = written('parts', 2 * 2 * 4 * n4);

/** A call of each kernel that is a product of matrices, of shapes that fill no tile. */
export const products: readonly (readonly [name: string, TensorCall])[] = [
  [
    'pointwise with moments',
    {
      ...common,
      kernel: pointwise,
      operands: {
        x: silu(normalize(load(stored('x', rows * 4 * k4)), vectors)),
        w: stored('w', 16 * n4 * k4),
        bias: viewOf(filled('bias', 'f32', 4 * n4)),
        out: viewOf(filled('out', 'store', rows * 4 * n4, () => 0)),
      },
      epilogue: { kind: 'moments', parts },
    },
  ],
  [
    'pointwise-input-gradient with sums',
    {
      ...common,
      kernel: pointwiseInputGradient,
      operands: {
        g: load(stored('g', rows * 4 * k4)),
        w: stored('w', 16 * n4 * k4),
        add: load(stored('skip', rows * 4 * n4)),
        out: viewOf(filled('out', 'store', rows * 4 * n4, () => 0)),
      },
      epilogue: {
        kind: 'sums',
        terms: [output, multiply(output, standardize(load(stored('z', rows * 4 * n4)), vectors))],
        parts,
      },
    },
  ],
  [
    'pointwise-filter-gradient',
    {
      ...common,
      kernel: pointwiseFilterGradient,
      operands: {
        g: load(stored('g', rows * 4 * n4)),
        x: silu(normalize(load(stored('x', rows * 4 * k4)), vectors)),
        parts: written('filter parts', 2 * 16 * n4 * k4),
      },
    },
  ],
  [
    'pointwise-filter-gradient into a gradient',
    {
      ...common,
      parameters: { ...common.parameters, chunk: rows },
      kernel: pointwiseFilterGradient,
      operands: {
        g: load(stored('g', rows * 4 * n4)),
        x: load(stored('x', rows * 4 * k4)),
        gradient: viewOf(filled('gradient', 'f32', 16 * n4 * k4)),
      },
    },
  ],
];
