import { type FoundAdapter, findAdapter } from '../../backends/gpu/device/adapter.ts';
import { Gpu } from '../../backends/gpu/device/device.ts';

/**
 * A device of its own whose driver makes something else of shaders than what is written.
 *
 * @param claim what it says of its adapter
 */
export async function openFaulty(
  misread: (code: string) => string,
  claim: (found: FoundAdapter) => FoundAdapter = (found) => found,
): Promise<Gpu> {
  const found = await findAdapter();
  if (found === undefined) throw new Error('no adapter');
  const gpu = await Gpu.openAlone(claim(found));
  const { device } = gpu;
  const create = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => create({ ...descriptor, code: misread(descriptor.code) });
  return gpu;
}
