import type { TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import { elementBytes, type Purpose, type Tensor } from '../../../backends/tensor-kernels/tensor.ts';
import { viewsOfCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';

/** Bytes that a program's tensors take. */
export interface ProgramMemory {
  readonly total: number;
  /** The largest part of a tensor that a shader binds at once. */
  readonly largest: number;
  /** By purpose, the largest first. Memory that tensors share counts for the largest of them. */
  readonly parts: readonly { readonly name: Purpose; readonly bytes: number }[];
}

export const bytesOf = ({ size, element }: Tensor, isMixed: boolean): number =>
  size * elementBytes(element, isMixed);

export function memoryOf({ phases, tensors, allocations }: TensorProgram, isMixed: boolean): ProgramMemory {
  const shared = new Set(allocations.flat());
  const own = tensors.filter((tensor) => !shared.has(tensor));
  const ofSize = (a: Tensor, b: Tensor) => bytesOf(b, isMixed) - bytesOf(a, isMixed);
  const all = [...own, ...allocations.map((list) => [...list].sort(ofSize)[0] as Tensor)];
  const parts = new Map<Purpose, number>();
  for (const tensor of all)
    parts.set(tensor.purpose, (parts.get(tensor.purpose) ?? 0) + bytesOf(tensor, isMixed));
  const views = Object.values(phases).flatMap(({ calls }) => calls.flatMap(viewsOfCall));
  const entries = [...parts].map(([name, bytes]) => ({ name, bytes }));
  return {
    total: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    largest: Math.max(0, ...views.map(({ tensor, size }) => bytesOf({ ...tensor, size }, isMixed))),
    parts: entries.sort((a, b) => b.bytes - a.bytes),
  };
}
