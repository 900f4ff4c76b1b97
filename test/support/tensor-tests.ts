import { expect, it } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { compareWithReference } from '../../backends/reference/tensors/compare.ts';
import type { Tier } from '../../backends/tensor-kernels/kernel-form.ts';
import type { TensorCall } from '../../backends/tensor-kernels/tensor-kernel.ts';
import { itOnGpu } from './gpu.ts';
import { onCpu, runOnBoth } from './tensor-calls.ts';

/** Largest errors over the root mean square of an output: of sums in float32, and of outputs rounded to float16. */
const tolerances: Readonly<Record<Tier, number>> = { float32: 2e-5, packed: 4e-3, half: 4e-3 };

/** That a call leaves on the CPU, and on a GPU in each tier that it has, what the kernel's reference says. */
export function itAsReference(
  name: string,
  makeCall: () => TensorCall,
  tolerance: Partial<Record<Tier, number>> = {},
): void {
  it(`${name}, on the CPU`, async () => {
    const outcomes = await onCpu(2, (executor) => compareWithReference(executor, [makeCall()]));
    for (const { name: tensor, error } of outcomes)
      expect(error, tensor).toBeLessThan(tolerance.float32 ?? tolerances.float32);
  });
  itOnGpu.for(['float32', 'packed', 'half'] as const)(`${name}, %s`, async (tier, { skip }) => {
    const gpu = await Gpu.open();
    try {
      skip(tier === 'half' && !gpu.device.features.has('shader-f16'));
      for (const { name: tensor, error } of await runOnBoth(gpu, makeCall(), tier))
        expect(error, tensor).toBeLessThan(tolerance[tier] ?? tolerances[tier]);
    } finally {
      gpu.close();
    }
  });
}
