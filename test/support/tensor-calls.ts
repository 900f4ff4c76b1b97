import type { Gpu } from '../../backends/gpu/device/device.ts';
import { bindingsOf } from '../../backends/gpu/tensors/bindings.ts';
import { GpuTensorExecutor } from '../../backends/gpu/tensors/tensor-executor.ts';
import { ReferenceTensorExecutor } from '../../backends/reference/tensors/tensor-executor.ts';
import type { MatrixForm, Tier } from '../../backends/tensor-kernels/kernel-form.ts';
import type { TensorProgram } from '../../backends/tensor-kernels/program.ts';
import { type Element, type Tensor, viewOf } from '../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../backends/tensor-kernels/tensor-kernel.ts';
import { fromHalf, toHalf } from '../../src/core/half.ts';
import { randomFor } from '../../src/core/random.ts';

/** A tensor of a test: what it holds before the call. */
export interface FilledTensor extends Tensor {
  readonly values: Float64Array;
}

/** A tensor of numbers between -1 and 1, or of what `valueAt` says; they are exact in float16. */
export function filled(
  name: string,
  element: Element,
  size: number,
  valueAt: (i: number) => number = randomNumbers(name),
): FilledTensor {
  const values = Float64Array.from({ length: size }, (_, i) => valueAt(i));
  const exact = element === 'u32' ? values : values.map((value) => fromHalf(toHalf(value)));
  return { name, purpose: 'inputs', element, size, values: exact };
}

function randomNumbers(name: string): () => number {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7);
  const rng = randomFor(seed, 0, 0, 0);
  return () => rng.uniform(-1, 1);
}

/** What a tensor that the call writes holds after it. */
export interface Outcome {
  readonly name: string;
  readonly reference: Float64Array;
  readonly gpu: Float64Array;
  /** Largest distance, over the root of the mean square of the reference. */
  readonly error: number;
}

/** Makes a call by its reference and on a GPU, from the same values. */
export async function runOnBoth(
  gpu: Gpu,
  call: TensorCall,
  tier: Tier,
  matrix?: MatrixForm,
): Promise<Outcome[]> {
  const step = { learningRate: 0.05, lossFactor: 0.5, averageDecay: 0.9 };
  const bindings = bindingsOf(call);
  const tensors = [...new Set(bindings.map(({ view }) => view.tensor as FilledTensor))];
  const program: TensorProgram<'call'> = { phases: { call: { calls: [call] } }, tensors, allocations: [] };
  const reference = new ReferenceTensorExecutor();
  const executor = new GpuTensorExecutor(gpu, tier, matrix);
  try {
    const prepared = await executor.prepare(program);
    for (const tensor of tensors) {
      reference.values(viewOf(tensor)).set(tensor.values);
      executor.write(viewOf(tensor), encoded(tensor, executor.isMixed));
    }
    reference.run(program, ['call'], step);
    executor.run(prepared, ['call'], step);
    const written = bindings.filter(({ access }) => access !== 'read').map(({ view }) => view);
    const results = await executor.read(written);
    return written.map((view, i) => {
      const expected = reference.values(view);
      const actual = decoded(view.tensor.element, results[i] as ArrayBuffer, executor.isMixed);
      return { name: view.tensor.name, reference: expected, gpu: actual, error: errorOf(actual, expected) };
    });
  } finally {
    executor.close();
  }
}

function errorOf(actual: Float64Array, expected: Float64Array): number {
  const rms = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length);
  return actual.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - (expected[i] as number)) / (rms || 1)),
    0,
  );
}

function encoded({ element, values }: FilledTensor, isMixed: boolean): ArrayBufferView<ArrayBuffer> {
  if (element === 'u32') return Uint32Array.from(values);
  const isHalf = element === 'f16' || (element === 'store' && isMixed);
  return isHalf ? Uint16Array.from(values, toHalf) : Float32Array.from(values);
}

function decoded(element: Element, bytes: ArrayBuffer, isMixed: boolean): Float64Array {
  if (element === 'u32') return Float64Array.from(new Uint32Array(bytes));
  const isHalf = element === 'f16' || (element === 'store' && isMixed);
  return isHalf
    ? Float64Array.from(new Uint16Array(bytes), fromHalf)
    : Float64Array.from(new Float32Array(bytes));
}
