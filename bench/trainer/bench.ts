import type { Gpu } from '../../backends/gpu/device/device.ts';
import { DispatchTimer } from '../../backends/gpu/dispatch-timer.ts';
import { type Bandwidth, measureCopyBandwidth } from '../gpu/bandwidth.ts';

export interface PartOptions {
  readonly gpuAdapter: string | undefined;
  /** Undefined: as many as the device is quick enough for. */
  readonly steps: number | undefined;
  readonly python: string;
  readonly peerDevice: string;
}

/** A device to measure. */
export interface Bench {
  readonly options: PartOptions;
  readonly gpu: Gpu;
  readonly steps: number;
}

export async function measureBandwidth(gpu: Gpu): Promise<Bandwidth> {
  const timer = gpu.device.features.has('timestamp-query') ? await DispatchTimer.open(gpu) : undefined;
  try {
    return await measureCopyBandwidth(gpu, timer);
  } finally {
    timer?.close();
  }
}
