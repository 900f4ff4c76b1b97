import { zeros } from '../../backends/reference/tensors/known-tensor.ts';
import { load } from '../../backends/tensor-kernels/lazy.ts';
import { materialize } from '../../backends/tensor-kernels/materialize/materialize.ts';
import type { TensorProgram } from '../../backends/tensor-kernels/program.ts';
import type { View } from '../../backends/tensor-kernels/tensor.ts';
import { callOf } from './kernel-calls.ts';

export const noStep = { learningRate: 0, bodyLearningRate: 0, lossFactor: 1, averageDecay: 0 };

/** A program that copies rows of 16 numbers. */
const copyProgram = (x: View, out: View, rows = 4): TensorProgram<'calls'> => ({
  phases: { calls: { calls: [callOf(materialize, { x: load(x), out }, { rows, c4: 4, sampleRows: 1 })] } },
  tensors: [x.tensor, out.tensor],
  allocations: [],
});

/** A copy of so many rows, and the values that it is to copy. */
export function copyOf(rows: number) {
  const [x, out] = [zeros('x', 'f32', 16 * rows), zeros('out', 'f32', 16 * rows)];
  const values = Float32Array.from({ length: 16 * rows }, (_, i) => i % 1000);
  return { x, out, values, program: copyProgram(x, out, rows) };
}

/** A program that no thread survives: it writes beyond all memory. */
export function beyondMemory(): TensorProgram<'calls'> {
  const [x, out] = [zeros('x', 'store', 64), zeros('out', 'store', 64)];
  return copyProgram(x, { ...out, offset: 2 ** 28 });
}
