import type { Tensor } from '../../../backends/tensor-kernels/tensor.ts';
import { type TensorCall, viewsOfCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';

/**
 * Places what lives within the calls alone: a tensor takes the smallest memory that is free and large enough, else its own. It
 * is in use from the first call that names it to the last.
 */
export function shareMemory(
  calls: readonly TensorCall[],
  bytesOf: (tensor: Tensor) => number,
  isKept: (tensor: Tensor) => boolean,
): Tensor[][] {
  const lastUse = new Map<Tensor, number>();
  const uses = calls.map((call) => [...new Set(viewsOfCall(call).map(({ tensor }) => tensor))]);
  for (const [i, tensors] of uses.entries()) for (const tensor of tensors) lastUse.set(tensor, i);
  const allocations: { readonly bytes: number; readonly tensors: Tensor[] }[] = [];
  const placed = new Map<Tensor, (typeof allocations)[number]>();
  const free = new Set<(typeof allocations)[number]>();
  for (const [i, tensors] of uses.entries()) {
    for (const tensor of tensors) {
      if (isKept(tensor) || placed.has(tensor)) continue;
      const bytes = bytesOf(tensor);
      const fitting = [...free].filter((one) => one.bytes >= bytes);
      const found = fitting.sort((a, b) => a.bytes - b.bytes)[0] ?? { bytes, tensors: [] };
      if (!free.delete(found)) allocations.push(found);
      found.tensors.push(tensor);
      placed.set(tensor, found);
    }
    for (const tensor of tensors) {
      const allocation = placed.get(tensor);
      if (allocation !== undefined && lastUse.get(tensor) === i) free.add(allocation);
    }
  }
  return allocations.map((allocation) => allocation.tensors);
}
