import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import { openGpu } from '../../backends/gpu/device/open-gpu.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import type { StreamOptions } from './stream-options.ts';

type GpuOptions = Pick<StreamOptions, 'backend' | 'gpuAdapter'>;

/**
 * Does work with the GPU that the options ask for; undefined where they ask for none. Pipelines and trainers share the
 * device, which is given back at the end.
 */
export async function withGpu<T>(
  options: GpuOptions,
  onOpen: ((adapter: AdapterDescription) => void) | undefined,
  work: (gpu: Gpu | undefined) => Promise<T>,
): Promise<T> {
  const gpu = await openGpuFor(options);
  try {
    if (gpu) onOpen?.(gpu.adapter);
    return await work(gpu);
  } finally {
    gpu?.close();
  }
}

/** The GPU that the options ask for; undefined where they ask for none. Whoever opens it closes it. */
export async function openGpuFor({ backend = 'cpu', gpuAdapter }: GpuOptions): Promise<Gpu | undefined> {
  return resolveBackendName(backend) === 'gpu' ? openGpu(gpuAdapter) : undefined;
}
