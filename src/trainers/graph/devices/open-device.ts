import type { PrepareOptions } from '../../../core/trainer.ts';
import { CpuGraphDevice, checkCpuPrecision } from './cpu-device.ts';
import type { GraphDevice } from './graph-device.ts';

export interface GraphTrainerOptions {
  /** Default 'auto': a GPU that is lent, else a hardware GPU, else the CPU. */
  readonly device?: 'auto' | 'gpu' | 'cpu';
  /** Place in the list of adapters, or a part of the name; left out: the fastest. */
  readonly gpuAdapter?: string;
  /** Threads of the CPU; default: up to one for each core, as many as are fastest. */
  readonly threads?: number;
  /** Cores that there are for it; default: all. */
  readonly cores?: number;
}

/** The device that a trainer computes on. */
export async function openDevice(
  { device = 'auto', gpuAdapter, threads, cores }: GraphTrainerOptions,
  { precision, device: lent, onNotice }: PrepareOptions,
): Promise<GraphDevice> {
  if (device === 'gpu' || (device === 'auto' && (lent !== undefined || (await hasHardwareGpu(gpuAdapter))))) {
    // WebGPU's native code is loaded for those who use it: not every platform has it
    const { GpuGraphDevice } = await import('./gpu-device.ts');
    return GpuGraphDevice.open(lent, gpuAdapter, precision === 'mixed');
  }
  checkCpuPrecision(precision);
  return CpuGraphDevice.open(threads, onNotice, cores);
}

async function hasHardwareGpu(gpuAdapter: string | undefined): Promise<boolean> {
  const { findAdapter } = await import('../../../../backends/gpu/device/adapter.ts');
  const adapter = (await findAdapter(gpuAdapter))?.description;
  return adapter !== undefined && !adapter.isSoftware;
}
