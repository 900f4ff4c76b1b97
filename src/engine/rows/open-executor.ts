import type { Backend, Executor } from '../../../backends/backend.ts';
import type { ExecutorBackend, ThreadBackend } from '../plan/backend-name.ts';

const loaders: Record<ThreadBackend, () => Promise<Backend>> = {
  cpu: async () => (await import('../../../backends/cpu/executor.ts')).cpuBackend,
  reference: async () => (await import('../../../backends/reference/executor.ts')).referenceBackend,
};

/** @param gpuAdapter with gpu: its place in the list of adapters, or a part of its name; left out: the fastest */
export async function openExecutor(name: ExecutorBackend, gpuAdapter?: string): Promise<Executor> {
  if (name !== 'gpu') return (await loaders[name]()).open();
  const { openGpuExecutor } = await import('../../../backends/gpu/executor.ts');
  return openGpuExecutor(gpuAdapter);
}
