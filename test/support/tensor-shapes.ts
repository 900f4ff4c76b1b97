import fc from 'fast-check';
import { expect } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import type { TensorCall } from '../../backends/tensor-kernels/tensor-kernel.ts';
import { itOnGpu } from './gpu.ts';
import { runOnBoth } from './tensor-calls.ts';

/** That calls of any shape leave on a GPU what the kernel's reference says: in float32, and by one shader for all shapes. */
export function itAsReferenceInAnyShape<Shape>(
  shapes: { readonly [Name in keyof Shape]: fc.Arbitrary<Shape[Name]> },
  makeCall: (shape: Shape) => TensorCall,
): void {
  itOnGpu('computes what the reference does, in any shape', async () => {
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
