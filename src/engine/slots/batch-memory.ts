import type { GpuCounts } from '../../../backends/gpu/counts.ts';
import { batchBytes } from '../../core/batch-size.ts';
import { BackendError } from '../../core/errors.ts';
import type { Size, TensorFormat } from '../../core/image.ts';
import type { RowRequest } from '../order/feed.ts';
import type { RowResult } from '../rows/task.ts';
import { hostMemory, type ImageMemory, slotImages } from './slot-batch.ts';
import { SlotBuffers } from './slot-buffers.ts';

/** The memory of a run's batches, a slot each: what threads fill, and what the consumer gets. */
export interface BatchMemory {
  /** Shared with the threads. */
  readonly slots: readonly SharedArrayBuffer[];
  /** Bytes of each slot, on the device too. */
  readonly slotBytes: number;
  /** Bytes held beside the slots. */
  readonly scratchBytes: number;
  readonly gpu: GpuCounts | undefined;
  /** Before threads fill a slot. */
  begin(slot: number): void;
  /** When all rows are there: the batch's images. */
  finish(slot: number, rows: readonly RowRequest[], results: readonly RowResult[]): Promise<ImageMemory>;
  /** When the consumer needs a finished slot no more. */
  release(slot: number): void;
  /** Nothing new is begun; slots that the consumer holds live on until he releases them. */
  close(): void;
}

/** Tensors in this process's memory, written by the threads. */
export class HostBatchMemory implements BatchMemory {
  readonly slotBytes: number;
  readonly scratchBytes = 0;
  readonly gpu = undefined;
  readonly #buffers: SlotBuffers;
  readonly #size: Size;
  readonly #format: TensorFormat;

  constructor(slots: number, batchSize: number, size: Size, format: TensorFormat) {
    this.#size = size;
    this.#format = format;
    this.slotBytes = batchBytes(batchSize, size, format);
    const bytes = this.slotBytes;
    this.#buffers = new SlotBuffers(
      slots,
      (buffer) => buffer.byteLength === bytes && !buffer.growable,
      () => allocate(bytes, slots),
    );
  }

  get slots(): readonly SharedArrayBuffer[] {
    return this.#buffers.all;
  }

  begin(slot: number): void {
    this.#buffers.begin(slot);
  }

  async finish(slot: number, rows: readonly RowRequest[]): Promise<ImageMemory> {
    return this.images(slot, rows.length);
  }

  images(slot: number, rows: number): ImageMemory {
    return hostMemory(slotImages(this.slots[slot] as SharedArrayBuffer, rows, this.#size, this.#format));
  }

  release(slot: number): void {
    this.#buffers.release(slot);
  }

  close(): void {
    this.#buffers.close();
  }
}

function allocate(bytes: number, slots: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    const size = `${slots} batches of ${(bytes / 2 ** 20).toFixed(0)} MiB`;
    const message = `no memory for ${size}: lower batchSize, prefetch or the size of the images`;
    throw new BackendError('OUT_OF_MEMORY', message, { cause });
  }
}
