import type { Tier } from '../../tensor-kernels/kernel-form.ts';
import type { Gpu } from '../device/device.ts';

/** How a device computes with halves. */
export async function chooseTier({ device }: Gpu, isMixed: boolean): Promise<Tier> {
  if (!isMixed) return 'float32';
  return device.features.has('shader-f16') ? 'half' : 'packed';
}
