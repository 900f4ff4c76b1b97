import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import { openGpu } from '../../backends/gpu/device/open-gpu.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import type { StreamOptions } from './stream-options.ts';

/**
 * Does work with the GPU that the options ask for; undefined where they ask for none. Pipelines and trainers share the
 * device, which is given back at the end.
 */
export async function withGpu<T>(
  { backend = 'cpu', gpuAdapter }: Pick<StreamOptions, 'backend' | 'gpuAdapter'>,
  onOpen: ((adapter: AdapterDescription) => void) | undefined,
  work: (gpu: Gpu | undefined) => Promise<T>,
): Promise<T> {
  if (resolveBackendName(backend) !== 'gpu') return work(undefined);
  const gpu = await openGpu(gpuAdapter);
  try {
    onOpen?.(gpu.adapter);
    return await work(gpu);
  } finally {
    gpu.close();
  }
}
