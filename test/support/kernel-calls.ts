import type { Lazy } from '../../backends/tensor-kernels/lazy.ts';
import { type Element, type View, viewOf } from '../../backends/tensor-kernels/tensor.ts';
import type { StepNumber, TensorCall, TensorKernel } from '../../backends/tensor-kernels/tensor-kernel.ts';
import { filled } from './tensor-calls.ts';

/** A call of a kernel outside any program. */
export const callOf = (
  kernel: TensorKernel,
  operands: Record<string, View | Lazy>,
  parameters: Record<string, number | StepNumber>,
): TensorCall => ({ kernel, label: 'test', work: 'test', operands, parameters });

/** A whole tensor: of numbers between -1 and 1, or of what `valueAt` says. */
export const tensor = (name: string, element: Element, size: number, valueAt?: (i: number) => number): View =>
  viewOf(filled(name, element, size, valueAt));

/** Of each name, a float32 tensor of so many values. */
export const floats = (sizes: Readonly<Record<string, number>>): Record<string, View> =>
  Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, tensor(name, 'f32', size)]));

/** Numbers between 0 and 1, in no order that is easy to see. */
export const positive = (i: number): number => ((i * 40_503) % 65_521) / 65_521;
