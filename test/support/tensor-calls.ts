import type { Gpu } from '../../backends/gpu/device/device.ts';
import { compareWithReference, type Outcome } from '../../backends/gpu/tensors/self-test/compare.ts';
import { GpuTensorExecutor } from '../../backends/gpu/tensors/tensor-executor.ts';
import type { MatrixForm, Tier } from '../../backends/tensor-kernels/kernel-form.ts';
import type { TensorCall } from '../../backends/tensor-kernels/tensor-kernel.ts';

export { filled } from '../../backends/gpu/tensors/self-test/known-tensor.ts';

/** Makes a call by its reference and on a GPU, from the same values. */
export async function runOnBoth(
  gpu: Gpu,
  call: TensorCall,
  tier: Tier,
  matrix?: MatrixForm,
): Promise<Outcome[]> {
  const executor = new GpuTensorExecutor(gpu, { tier, ...(matrix && { matrix }) });
  try {
    return await compareWithReference(executor, [call]);
  } finally {
    executor.close();
  }
}
