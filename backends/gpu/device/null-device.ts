import { BackendError } from '../../../src/core/errors.ts';
import { describeFound } from './adapter.ts';
import { Gpu } from './device.ts';
import { instanceFor } from './instance.ts';

/**
 * A device on every machine that compiles WGSL, of all features, and runs nothing: Dawn's null backend. It shows whether
 * shaders are valid that the machine's own adapters do not take. Its limits are WebGPU's minimum.
 */
export async function openNullDevice(): Promise<Gpu> {
  const instance = instanceFor(['backend=null']);
  const adapter = await instance.requestAdapter();
  if (adapter === null)
    throw new BackendError('NO_ADAPTER', 'the npm package webgpu has no null backend on this platform');
  return Gpu.openAlone(describeFound(adapter, instance, { backend: 'null', name: 'null' }));
}
