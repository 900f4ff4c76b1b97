import type { Gpu } from '../../backends/gpu/device.ts';
import { BackendError } from '../core/errors.ts';
import { resolveBackendName } from '../engine/backends.ts';
import type { ReadingFlags } from './data-flags.ts';
import { describeAdapter } from './gpu-figures.ts';

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
  const { Gpu } = await loadGpu();
  const gpu = await Gpu.open(gpuAdapter);
  try {
    log(`GPU adapter: ${describeAdapter(gpu.adapter)}`);
    return await work(gpu);
  } finally {
    gpu.close();
  }
}

/** The package has binaries for the usual platforms. */
async function loadGpu() {
  try {
    return await import('../../backends/gpu/device.ts');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the npm package webgpu cannot be loaded on ${process.platform} ${process.arch}: ${reason}`;
    throw new BackendError('NO_WEBGPU', message, { cause });
  }
}
