import { fromHalf, toHalf } from '../../../src/core/half.ts';
import { randomFor } from '../../../src/core/random.ts';
import type { Lazy } from '../../tensor-kernels/lazy.ts';
import { type Element, type Tensor, type View, viewOf } from '../../tensor-kernels/tensor.ts';
import type { TensorCall, TensorKernel } from '../../tensor-kernels/tensor-kernel.ts';

/** A tensor whose values are known before a call. */
export interface KnownTensor extends Tensor {
  readonly values: Float64Array;
}

/** A tensor of numbers between -1 and 1, or of what `valueAt` says; they are exact in float16. */
export function filled(
  name: string,
  element: Element,
  size: number,
  valueAt: (i: number) => number = randomNumbers(name),
): KnownTensor {
  const values = Float64Array.from({ length: size }, (_, i) => valueAt(i));
  const exact = element === 'u32' ? values : values.map((value) => fromHalf(toHalf(value)));
  return known(name, element, exact);
}

export const known = (name: string, element: Element, values: Float64Array): KnownTensor => ({
  ...{ name, purpose: 'inputs', element, size: values.length, values },
});

function randomNumbers(name: string): () => number {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7);
  const rng = randomFor(seed, 0, 0, 0);
  return () => rng.uniform(-1, 1);
}

/** The whole of such a tensor. */
export const tensor = (name: string, element: Element, size: number, valueAt?: (i: number) => number): View =>
  viewOf(filled(name, element, size, valueAt));

/** A tensor that a call writes. */
export const zeros = (name: string, element: Element, size: number): View =>
  viewOf(known(name, element, new Float64Array(size)));

/** A call outside any program. */
export const callOf = (
  kernel: TensorKernel,
  operands: Record<string, View | Lazy>,
  parameters: Record<string, number>,
): TensorCall => ({ kernel, label: kernel.name, work: 'self-test', operands, parameters });

/** The values as they lie in a device's memory. */
export function encoded({ element, values }: KnownTensor, isMixed: boolean): ArrayBufferView<ArrayBuffer> {
  if (element === 'u32') return Uint32Array.from(values);
  return isHalf(element, isMixed) ? Uint16Array.from(values, toHalf) : Float32Array.from(values);
}

export function decoded(element: Element, bytes: ArrayBuffer, isMixed: boolean): Float64Array {
  if (element === 'u32') return Float64Array.from(new Uint32Array(bytes));
  return isHalf(element, isMixed)
    ? Float64Array.from(new Uint16Array(bytes), fromHalf)
    : Float64Array.from(new Float32Array(bytes));
}

const isHalf = (element: Element, isMixed: boolean): boolean =>
  element === 'f16' || (element === 'store' && isMixed);
