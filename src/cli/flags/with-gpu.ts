import type { Gpu } from '../../../backends/gpu/device/device.ts';
import { openGpu } from '../../../backends/gpu/device/open-gpu.ts';
import { resolveBackendName } from '../../engine/plan/backend-name.ts';
import { describeAdapter } from '../gpu-figures.ts';
import type { ReadingFlags } from './data-flags.ts';

/**
 * Does a command's work with the GPU that its flags ask for, and names that first; undefined where they ask for none.
 * Pipelines and trainers share the device, which is given back at the end.
 */
export async function withGpu<T>(
  { dataBackend, gpuAdapter }: Pick<ReadingFlags, 'dataBackend' | 'gpuAdapter'>,
  log: (line: string) => void,
  work: (gpu: Gpu | undefined) => Promise<T>,
): Promise<T> {
  if (resolveBackendName(dataBackend) !== 'gpu') return work(undefined);
  const gpu = await openGpu(gpuAdapter);
  try {
    log(`GPU adapter: ${describeAdapter(gpu.adapter)}`);
    return await work(gpu);
  } finally {
    gpu.close();
  }
}
