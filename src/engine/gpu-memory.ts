import { bufferUsage, Gpu, roundUp } from '../../backends/gpu/device.ts';
import { type BatchImage, kernelNamed } from '../../backends/gpu/plan-image.ts';
import { type GpuCounts, Processor } from '../../backends/gpu/processor.ts';
import { readBack } from '../../backends/gpu/read-back.ts';
import type { BatchImages } from '../core/batch.ts';
import { BackendError } from '../core/errors.ts';
import type { Size, TensorFormat } from '../core/image.ts';
import type { BatchMemory } from './batch-memory.ts';
import { batchBytes, elementsOf, type ImageMemory } from './slot-batch.ts';
import { Staging } from './staging.ts';
import type { RowResult, StagedRow } from './task.ts';

export interface GpuMemoryOptions {
  readonly slots: number;
  readonly batchSize: number;
  readonly size: Size;
  readonly format: TensorFormat;
  /** Which device; see Gpu.open. */
  readonly adapter: string | undefined;
  /** Programs such as this pipeline draws, by their kernels' names. */
  readonly examples: readonly (readonly string[])[];
}

/** Batches on a GPU: threads put decoded images into staging memory, the device makes tensors of them. */
export class GpuBatchMemory implements BatchMemory {
  readonly slots: readonly SharedArrayBuffer[];
  readonly #gpu: Gpu;
  readonly #processor: Processor;
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
    this.#staging = tensors.map(() => new Staging());
    this.slots = this.#staging.map(({ buffer }) => buffer);
  }

  static async open(options: GpuMemoryOptions): Promise<GpuBatchMemory> {
    const gpu = await Gpu.open(options.adapter);
    const tensors = Array.from({ length: options.slots }, () => new TensorSlot(gpu, options));
    try {
      const processor = await Processor.open(gpu);
      for (const kernels of options.examples) processor.schedule.place(kernels);
      for (const tensor of tensors) await tensor.atRows(options.batchSize);
      return new GpuBatchMemory(gpu, processor, tensors, options);
    } catch (error) {
      for (const tensor of tensors) tensor.close();
      gpu.close();
      throw error;
    }
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
    (this.#staging[slot] as Staging).clear();
  }

  async finish(slot: number, rows: readonly RowResult[], lambda: number | undefined): Promise<ImageMemory> {
    const buffer = await (this.#tensors[slot] as TensorSlot).atRows(rows.length);
    const images = rows.map((row, i) => this.#image(slot, row.staged as StagedRow, i, rows.length, lambda));
    await this.#processor.run(images, { format: this.#options.format, buffer });
    this.#users++;
    return this.#memory(buffer, rows.length);
  }

  release(): void {
    this.#leave();
  }

  close(): void {
    this.#leave();
  }

  #leave(): void {
    if (--this.#users > 0) return;
    this.#processor.close();
    for (const tensor of this.#tensors) tensor.close();
    this.#gpu.close();
  }

  #image(slot: number, row: StagedRow, i: number, rows: number, lambda: number | undefined): BatchImage {
    const { at, width, height } = row;
    const partner = i ^ 1;
    return {
      pixels: (this.#staging[slot] as Staging).view(at, width * height * 3),
      size: { width, height },
      calls: row.calls.map(({ kernel, args }) => ({ kernel: kernelNamed(kernel), args })),
      ...(lambda !== undefined && partner < rows && { mix: { partner, lambda } }),
    };
  }

  #memory(buffer: GPUBuffer, rows: number): ImageMemory {
    const { size, format } = this.#options;
    const bytes = batchBytes(rows, size, format);
    let fetched: BatchImages | undefined;
    let fetching: Promise<BatchImages> | undefined;
    const fetch = async () => {
      const encoder = this.#gpu.device.createCommandEncoder();
      fetched = elementsOf(await readBack(this.#gpu, encoder, buffer, 0, bytes), format);
      return fetched;
    };
    return {
      buffer,
      get images() {
        if (fetched !== undefined) return fetched;
        const message =
          'the images of this batch are on the GPU: await batch.read() first, or use batch.buffer';
        throw new BackendError('NOT_READ', message);
      },
      read() {
        fetching ??= fetch();
        return fetching;
      },
      copy: () => this.#memory(this.#copy(buffer), rows),
      free: () => {
        buffer.destroy();
        this.#leave();
      },
    };
  }

  /** The same tensor in a buffer of its own. */
  #copy(buffer: GPUBuffer): GPUBuffer {
    const { device } = this.#gpu;
    const copy = device.createBuffer({ label: 'a copy of a batch', size: buffer.size, usage: tensorUsage });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
    device.queue.submit([encoder.finish()]);
    this.#users++;
    return copy;
  }
}

const tensorUsage = bufferUsage.STORAGE | bufferUsage.COPY_SRC | bufferUsage.COPY_DST;

/** A slot's tensor, exactly as large as its batch: an epoch's last may have fewer rows. */
class TensorSlot {
  readonly #gpu: Gpu;
  readonly #options: GpuMemoryOptions;
  #buffer: GPUBuffer | undefined;

  constructor(gpu: Gpu, options: GpuMemoryOptions) {
    this.#gpu = gpu;
    this.#options = options;
  }

  async atRows(rows: number): Promise<GPUBuffer> {
    const { batchSize, size, format } = this.#options;
    const bytes = roundUp(batchBytes(rows, size, format), 4);
    if (this.#buffer?.size === bytes) return this.#buffer;
    this.close();
    this.#buffer = await this.#gpu.allocate(
      `a batch of ${rows} rows (batchSize ${batchSize})`,
      bytes,
      tensorUsage,
    );
    return this.#buffer;
  }

  close(): void {
    this.#buffer?.destroy();
    this.#buffer = undefined;
  }
}
