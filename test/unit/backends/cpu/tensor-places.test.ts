import { describe, expect, it } from 'vitest';
import { SharedMemory } from '../../../../backends/cpu/tensors/shared-memory.ts';
import { TensorPlaces } from '../../../../backends/cpu/tensors/tensor-places.ts';
import { type Tensor, viewOf } from '../../../../backends/tensor-kernels/tensor.ts';

/** A program whose tensors are used within calls alone, each with memory of its own; they have so many values. */
function programOf(...sizes: number[]): { tensors: Tensor[]; allocations: Tensor[][] } {
  const tensors = sizes.map(
    (size, i): Tensor => ({ name: `tensor ${i}`, purpose: 'activations', element: 'f32', size }),
  );
  return { tensors, allocations: tensors.map((tensor) => [tensor]) };
}
const mebi = 2 ** 18;

describe('memory of programs that do not compute at the same time', () => {
  it.each([
    { name: 'many small tensors after few large ones', programs: [[40, 20], Array(60).fill(1)], held: 60 },
    { name: 'few large tensors after many small ones', programs: [Array(60).fill(1), [40, 20]], held: 60 },
    { name: 'programs of one size', programs: [[7, 7, 7], [21], [1, 2, 3, 4, 5, 6], [20, 1]], held: 21 },
    // a tensor lies in one piece: the last finds 6 and 15
    {
      name: 'what finds no piece of memory that is large enough',
      programs: [[6], [9, 6, 6], [16]],
      held: 37,
    },
  ])('is what the largest takes: $name', ({ programs, held }) => {
    const memory = new SharedMemory();
    const places = new TensorPlaces(memory);
    for (const sizes of programs) places.allocate(programOf(...sizes.map((size) => size * mebi)));
    expect(Math.floor(memory.bytesHeld / 2 ** 20)).toBe(held);
  });

  it('is its own tensor by tensor within a program', () => {
    const places = new TensorPlaces(new SharedMemory());
    places.allocate(programOf(100, 7, 300));
    const { tensors, allocations } = programOf(5, 120, 64, 300, 33, 1);
    places.allocate({ tensors, allocations });
    const spans = tensors.map((tensor) => [places.addressOf(viewOf(tensor)), 4 * tensor.size] as const);
    spans.sort(([a], [b]) => a - b);
    for (const [i, [address, bytes]] of spans.entries()) {
      expect(address % 64).toBe(0);
      expect(spans[i + 1]?.[0] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(address + bytes);
    }
  });
});
