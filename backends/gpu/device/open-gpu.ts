import { BackendError, reasonOf } from '../../../src/core/errors.ts';
import type { Gpu } from './device.ts';

/**
 * Opens the GPU that pipelines with `backend: 'gpu'` and the same `gpuAdapter` use: on its `device` are their batches'
 * buffers. To be closed; it ends when neither they nor others use it.
 *
 * @param adapter its place in the list that `millrace doctor` prints, or a part of its name; left out: the fastest
 */
export async function openGpu(adapter?: string): Promise<Gpu> {
  const { Gpu } = await loadGpu();
  return Gpu.open(adapter);
}

/** The package has binaries for the usual platforms. */
async function loadGpu() {
  try {
    return await import('./device.ts');
  } catch (cause) {
    const reason = reasonOf(cause);
    const message = `the npm package webgpu cannot be loaded on ${process.platform} ${process.arch}: ${reason}`;
    throw new BackendError('NO_WEBGPU', message, { cause });
  }
}
