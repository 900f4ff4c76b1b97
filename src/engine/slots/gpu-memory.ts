import type { GpuCounts } from '../../../backends/gpu/counts.ts';
import { Gpu } from '../../../backends/gpu/device/device.ts';
import { ImagePlan } from '../../../backends/gpu/image-plan.ts';
import type { PreparedImage } from '../../../backends/gpu/prepared-image.ts';
import { Processor } from '../../../backends/gpu/processor.ts';
import type { KernelCall } from '../../../backends/kernels/kernel.ts';
import { batchBytes } from '../../core/batch-size.ts';
import type { Size, TensorFormat } from '../../core/image.ts';
import type { RowMix } from '../../core/mixing.ts';
import type { RowRequest } from '../order/feed.ts';
import { finishRow, type HeldRow } from '../rows/finish-row.ts';
import { allocateStaging, Staging } from '../rows/staging.ts';
import type { RowResult, StagedRow } from '../rows/task.ts';
import type { BatchMemory } from './batch-memory.ts';
import { allocateTensors, gpuImages, type TensorSlot } from './gpu-tensor.ts';
import type { ImageMemory } from './slot-batch.ts';
import { SlotBuffers } from './slot-buffers.ts';

export interface GpuMemoryOptions {
  readonly slots: number;
  readonly batchSize: number;
  readonly size: Size;
  readonly format: TensorFormat;
  /** Which device; see Gpu.open. */
  readonly adapter: string | undefined;
  /** Programs such as this pipeline draws. */
  readonly examples: readonly (readonly KernelCall[])[];
}

/** Batches on a GPU: threads put decoded images into staging memory, the device makes tensors of them. */
export class GpuBatchMemory implements BatchMemory {
  readonly #gpu: Gpu;
  readonly #processor: Processor;
  readonly #buffers: SlotBuffers;
  readonly #staging: readonly Staging[];
  readonly #tensors: readonly TensorSlot[];
  readonly #options: GpuMemoryOptions;
  /** The run itself, slots that the consumer holds, and copies: the device ends with the last. */
  #users = 1;

  private constructor(
    gpu: Gpu,
    processor: Processor,
    tensors: readonly TensorSlot[],
    options: GpuMemoryOptions,
  ) {
    this.#gpu = gpu;
    this.#processor = processor;
    this.#tensors = tensors;
    this.#options = options;
    // only staging memory can grow
    this.#buffers = new SlotBuffers(tensors.length, ({ growable }) => growable, allocateStaging);
    this.#staging = this.slots.map((buffer) => new Staging(buffer));
  }

  static async open(options: GpuMemoryOptions): Promise<GpuBatchMemory> {
    const { adapter, slots, batchSize, size, format, examples } = options;
    const gpu = await Gpu.open(adapter);
    try {
      const tensors = await allocateTensors(gpu, slots, batchSize, batchBytes(1, size, format));
      const processor = await Processor.open(gpu);
      for (const calls of examples) processor.schedule.fit(calls);
      return new GpuBatchMemory(gpu, processor, tensors, options);
    } catch (error) {
      gpu.close();
      throw error;
    }
  }

  get slots(): readonly SharedArrayBuffer[] {
    return this.#buffers.all;
  }

  get slotBytes(): number {
    const { batchSize, size, format } = this.#options;
    const staged = Math.max(...this.slots.map(({ byteLength }) => byteLength));
    return batchBytes(batchSize, size, format) + staged;
  }

  get scratchBytes(): number {
    return this.#processor.bytesHeld;
  }

  get gpu(): GpuCounts {
    return this.#processor.counts;
  }

  begin(slot: number): void {
    this.#buffers.begin(slot);
    (this.#staging[slot] as Staging).clear();
  }

  async finish(
    slot: number,
    rows: readonly RowRequest[],
    results: readonly RowResult[],
  ): Promise<ImageMemory> {
    const buffer = await (this.#tensors[slot] as TensorSlot).atRows(rows.length);
    const held = results.map(({ staged }, row) => ({ row, ...(staged as StagedRow) }));
    const images = held.map((own, i) => this.#image(slot, own, rows[i]?.mix, held[i ^ 1]));
    await this.#processor.run(images, { format: this.#options.format, buffer });
    return this.#images(buffer, rows.length);
  }

  release(slot: number): void {
    this.#buffers.release(slot);
    this.#leave();
  }

  close(): void {
    this.#buffers.close();
    this.#leave();
  }

  #images(buffer: GPUBuffer, rows: number): ImageMemory {
    const { size, format } = this.#options;
    this.#users++;
    const { counts } = this.#processor;
    return gpuImages(this.#gpu, buffer, batchBytes(rows, size, format), format, {
      wasRead: (bytes) => {
        counts.bytesDown += bytes;
      },
      copied: (copy) => this.#images(copy, rows),
      freed: () => this.#leave(),
    });
  }

  #leave(): void {
    if (--this.#users > 0) return;
    this.#processor.close();
    for (const tensor of this.#tensors) tensor.close();
    this.#gpu.close();
  }

  #image(
    slot: number,
    own: StagedRow & HeldRow,
    mix: RowMix | undefined,
    partner: HeldRow | undefined,
  ): PreparedImage {
    const staging = this.#staging[slot] as Staging;
    const { row: _, ...finish } = finishRow(own, mix, partner);
    return {
      pixels: staging.view(own.at, own.bytes),
      plan: new ImagePlan(staging.words(own.planAt, own.planWords)),
      ...finish,
    };
  }
}
