import { type Binding, bindingsOf } from '../../tensor-kernels/bindings.ts';
import type { TensorProgram } from '../../tensor-kernels/program.ts';
import { viewOf } from '../../tensor-kernels/tensor.ts';
import type { TensorExecutor } from '../../tensor-kernels/tensor-executor.ts';
import type { TensorCall } from '../../tensor-kernels/tensor-kernel.ts';
import { decoded, encoded, type KnownTensor } from './known-tensor.ts';
import { type Panels, panelsOf, placed, unplaced } from './panel-layout.ts';
import { ReferenceTensorExecutor } from './tensor-executor.ts';

/** What a tensor that a call writes holds after it. */
export interface Outcome {
  readonly call: TensorCall;
  readonly name: string;
  readonly reference: Float64Array;
  readonly actual: Float64Array;
  /** Largest distance, over the root of the mean square of the reference. */
  readonly error: number;
}

/** Makes calls on known tensors by their references and by an executor, from the same values. */
export async function compareWithReference(
  executor: TensorExecutor,
  calls: readonly TensorCall[],
): Promise<Outcome[]> {
  const bindings = calls.flatMap((call) => bindingsOf(call).map((binding) => ({ call, ...binding })));
  const tensors = [...new Set(bindings.map(({ view }) => view.tensor as KnownTensor))];
  const panels = executor.hasPanels ? panelsOf(calls) : new Map<KnownTensor, Panels>();
  const program: TensorProgram<'calls'> = { phases: { calls: { calls } }, tensors, allocations: [] };
  const prepared = await executor.prepare(program);
  const reference = new ReferenceTensorExecutor();
  for (const tensor of tensors) {
    reference.values(viewOf(tensor)).set(tensor.values);
    const values = placed(tensor.values, panels.get(tensor));
    executor.write(viewOf(tensor), encoded({ ...tensor, values }, executor.isMixed));
  }
  executor.run(prepared, ['calls'], step);
  reference.run(program, ['calls'], step);
  const written = bindings.filter(({ access }) => access !== 'read');
  const results = await executor.read(written.map(({ view }) => view));
  return written.map((binding, i) => {
    const { tensor } = binding.view;
    const values = decoded(tensor.element, results[i] as ArrayBuffer, executor.isMixed);
    return outcomeOf(binding, reference, unplaced(values, panels.get(tensor as KnownTensor)));
  });
}

const step = { learningRate: 0.05, bodyLearningRate: 0.05, lossFactor: 0.5, averageDecay: 0.9 };

function outcomeOf(
  { call, view }: Binding & { readonly call: TensorCall },
  executor: ReferenceTensorExecutor,
  actual: Float64Array,
): Outcome {
  const reference = executor.values(view);
  return { call, name: view.tensor.name, reference, actual, error: errorOf(actual, reference) };
}

/** Numbers that are not finite need not be the same. */
function errorOf(actual: Float64Array, expected: Float64Array): number {
  let squares = 0;
  let worst = 0;
  for (const [i, value] of expected.entries()) {
    const distance = distanceOf(actual[i] as number, value);
    if (!(distance <= worst)) worst = distance;
    if (Number.isFinite(value)) squares += value * value;
  }
  return worst / (Math.sqrt(squares / expected.length) || 1);
}

export function distanceOf(actual: number, expected: number): number {
  if (Number.isFinite(actual) && Number.isFinite(expected)) return Math.abs(actual - expected);
  return Number.isFinite(actual) === Number.isFinite(expected) ? 0 : Number.POSITIVE_INFINITY;
}
