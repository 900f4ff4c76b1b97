import { Gpu } from '../../../../backends/gpu/device/device.ts';
import { chooseTier, type TierChoice } from '../../../../backends/gpu/tensors/choose-tier.ts';
import { GpuTensorExecutor } from '../../../../backends/gpu/tensors/tensor-executor.ts';
import { mebibytes } from '../../../core/mebibytes.ts';
import { gpuTraits } from '../../../graph/plan/device-traits.ts';
import type { GraphDevice, PlannedBatch } from './graph-device.ts';

/** A GPU of our own, or one that is lent. */
export class GpuGraphDevice implements GraphDevice {
  readonly memoryName = 'GPU memory';
  readonly gpu: Gpu;
  readonly executor: GpuTensorExecutor;
  readonly environment: Readonly<Record<string, string>>;

  private constructor(gpu: Gpu, executor: GpuTensorExecutor, tier: string) {
    const { name: adapter, driver } = gpu.adapter;
    this.gpu = gpu;
    this.executor = executor;
    this.environment = { adapter, driver, tier };
  }

  /** @param lent a device to compute on; undefined: one of its own on the adapter of that name, or the fastest */
  static async open(
    lent: GPUDevice | undefined,
    adapter: string | undefined,
    isMixed: boolean,
  ): Promise<GpuGraphDevice> {
    const gpu = lent === undefined ? await Gpu.open(adapter) : Gpu.share(lent);
    try {
      return GpuGraphDevice.on(gpu, await chooseTier(gpu, isMixed));
    } catch (error) {
      gpu.close();
      throw error;
    }
  }

  static on(gpu: Gpu, { form, name }: Pick<TierChoice, 'form' | 'name'>): GpuGraphDevice {
    return new GpuGraphDevice(gpu, new GpuTensorExecutor(gpu, form), name);
  }

  get name(): string {
    return this.gpu.adapter.name;
  }

  get traits(): GraphDevice['traits'] {
    const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize } = this.gpu.device.limits;
    return [
      gpuTraits({
        mostBindings: maxStorageBuffersPerShaderStage,
        largestBinding: maxStorageBufferBindingSize,
      }),
    ];
  }

  get failure() {
    return this.gpu.failure;
  }

  owns(buffer: GPUBuffer): boolean {
    return this.gpu.owns(buffer);
  }

  reasonAgainst(batch: PlannedBatch): string | undefined {
    return reasonAgainst(this.name, this.gpu.device.limits, batch);
  }

  check(): void {
    this.gpu.check();
  }

  wait<Result>(work: Promise<Result>): Promise<Result> {
    return this.gpu.wait(work);
  }

  async close(): Promise<void> {
    this.executor.close();
    this.gpu.close();
  }
}

type Limits = Pick<
  GPUSupportedLimits,
  'maxStorageBufferBindingSize' | 'maxBufferSize' | 'maxComputeWorkgroupsPerDimension'
>;

/** Why a GPU's limits do not allow the batch; undefined: they do. */
export function reasonAgainst(
  name: string,
  { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupsPerDimension }: Limits,
  { rows, memory }: PlannedBatch,
): string | undefined {
  if (rows > maxComputeWorkgroupsPerDimension)
    return `${name} computes at most ${maxComputeWorkgroupsPerDimension} images at once`;
  const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  if (memory.largest <= largest) return undefined;
  return `its largest tensor takes ${mebibytes(memory.largest)}, and ${name} lets a shader use ${mebibytes(largest)} at once`;
}
