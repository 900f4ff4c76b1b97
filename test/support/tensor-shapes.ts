import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { compareWithReference } from '../../backends/reference/tensors/compare.ts';
import type { TensorCall } from '../../backends/tensor-kernels/tensor-kernel.ts';
import { itOnGpu } from './gpu.ts';
import { onCpu, runOnBoth } from './tensor-calls.ts';

/** That calls of any shape leave what the kernel's reference says, on the CPU and on a GPU: in float32, there by one shader for all shapes. */
export function itAsReferenceInAnyShape<Shape>(
  shapes: { readonly [Name in keyof Shape]: fc.Arbitrary<Shape[Name]> },
  makeCall: (shape: Shape) => TensorCall,
): void {
  itOnCpuAsReferenceInAnyShape(shapes, makeCall);
  itOnGpu('computes what the reference does, in any shape, on a GPU', async () => {
    const gpu = await Gpu.open();
    const property = fc.asyncProperty(fc.record(shapes), async (shape) => {
      for (const { name, error } of await runOnBoth(gpu, makeCall(shape as Shape), 'float32'))
        expect(error, name).toBeLessThan(2e-5);
    });
    try {
      await fc.assert(property, { numRuns: 20 });
    } finally {
      gpu.close();
    }
  });
}

/** The same on the CPU alone: for shapes that a GPU's kernel has no room for, or no case of its own. */
export function itOnCpuAsReferenceInAnyShape<Shape>(
  shapes: { readonly [Name in keyof Shape]: fc.Arbitrary<Shape[Name]> },
  makeCall: (shape: Shape) => TensorCall,
): void {
  it('computes what the reference does, in any shape, on the CPU', () =>
    onCpu(2, async (executor) => {
      const property = fc.asyncProperty(fc.record(shapes), async (shape) => {
        for (const { name, error } of await compareWithReference(executor, [makeCall(shape as Shape)]))
          expect(error, name).toBeLessThan(2e-5);
      });
      await fc.assert(property, { numRuns: 60 });
    }));
}
