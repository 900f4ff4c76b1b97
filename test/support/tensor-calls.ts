import { CpuTensorExecutor } from '../../backends/cpu/tensors/tensor-executor.ts';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import { GpuTensorExecutor } from '../../backends/gpu/tensors/tensor-executor.ts';
import { compareWithReference, type Outcome } from '../../backends/reference/tensors/compare.ts';
import type { MatrixForm, Tier } from '../../backends/tensor-kernels/kernel-form.ts';
import type { TensorCall } from '../../backends/tensor-kernels/tensor-kernel.ts';

export { filled } from '../../backends/reference/tensors/known-tensor.ts';

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

/** Does something with threads of the CPU. */
export async function onCpu<Result>(
  threads: number,
  use: (executor: CpuTensorExecutor) => Promise<Result>,
): Promise<Result> {
  const executor = await CpuTensorExecutor.open(threads);
  try {
    return await use(executor);
  } finally {
    await executor.close();
  }
}

/** Does something with a GPU that computes in float32. */
export async function onTestGpu<Result>(
  gpu: Gpu,
  use: (executor: GpuTensorExecutor) => Promise<Result>,
): Promise<Result> {
  const executor = new GpuTensorExecutor(gpu, { tier: 'float32' });
  try {
    return await use(executor);
  } finally {
    executor.close();
  }
}
