import { bufferUsage, type Gpu, roundUp } from '../../../backends/gpu/device/device.ts';
import { readBack } from '../../../backends/gpu/device/read-back.ts';
import type { BatchImages } from '../../core/batch.ts';
import { BackendError } from '../../core/errors.ts';
import type { TensorFormat } from '../../core/image.ts';
import { elementsOf, type ImageMemory } from './slot-batch.ts';

const tensorUsage = bufferUsage.STORAGE | bufferUsage.COPY_SRC | bufferUsage.COPY_DST;

/** A slot's tensor on the device, exactly as large as its batch: an epoch's last may have fewer rows. */
export class TensorSlot {
  readonly #gpu: Gpu;
  readonly #rowBytes: number;
  #buffer: GPUBuffer | undefined;

  constructor(gpu: Gpu, rowBytes: number) {
    this.#gpu = gpu;
    this.#rowBytes = rowBytes;
  }

  async atRows(rows: number): Promise<GPUBuffer> {
    const bytes = roundUp(rows * this.#rowBytes, 4);
    if (this.#buffer?.size === bytes) return this.#buffer;
    this.close();
    this.#buffer = await this.#gpu.allocate(`a batch of ${rows} rows`, bytes, tensorUsage);
    return this.#buffer;
  }

  close(): void {
    this.#buffer?.destroy();
    this.#buffer = undefined;
  }
}

/** The tensors of a run. Where there is no memory for them the error says for how large a batch there is. */
export async function allocateTensors(
  gpu: Gpu,
  slots: number,
  rows: number,
  rowBytes: number,
): Promise<TensorSlot[]> {
  const tensors = Array.from({ length: slots }, () => new TensorSlot(gpu, rowBytes));
  try {
    for (const tensor of tensors) await tensor.atRows(rows);
    return tensors;
  } catch (error) {
    for (const tensor of tensors) tensor.close();
    if (!(error instanceof BackendError) || error.code !== 'OUT_OF_MEMORY' || rows === 1) throw error;
    throw new BackendError('OUT_OF_MEMORY', `${error.message}; ${await advice(gpu, slots, rows, rowBytes)}`);
  }
}

async function advice(gpu: Gpu, slots: number, rows: number, rowBytes: number): Promise<string> {
  const largest = Math.floor(gpu.device.limits.maxBufferSize / rowBytes);
  for (let fewer = Math.min(largest, rows >> 1); fewer >= 1; fewer >>= 1) {
    const tensors = Array.from({ length: slots }, () => new TensorSlot(gpu, rowBytes));
    try {
      for (const tensor of tensors) await tensor.atRows(fewer);
      return `a batchSize of ${fewer} fits`;
    } catch {
      gpu.check();
    } finally {
      for (const tensor of tensors) tensor.close();
    }
  }
  return 'not even a batchSize of 1 fits: lower prefetch or the size of the images';
}

interface TensorOwner {
  /** Told how many bytes were fetched. */
  wasRead(bytes: number): void;
  /** Takes charge of a copy's buffer. */
  copied(buffer: GPUBuffer): ImageMemory;
  /** Told when a copy is gone. */
  freed(): void;
}

/** A batch's images in a tensor on the device. */
export function gpuImages(
  gpu: Gpu,
  buffer: GPUBuffer,
  bytes: number,
  format: TensorFormat,
  owner: TensorOwner,
): ImageMemory {
  let fetched: BatchImages | undefined;
  let fetching: Promise<BatchImages> | undefined;
  const fetch = async () => {
    const encoder = gpu.device.createCommandEncoder();
    fetched = elementsOf(await readBack(gpu, encoder, buffer, 0, bytes), format);
    owner.wasRead(bytes);
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
    copy: () => owner.copied(copyOf(gpu, buffer)),
    free() {
      buffer.destroy();
      owner.freed();
    },
  };
}

function copyOf(gpu: Gpu, buffer: GPUBuffer): GPUBuffer {
  const copy = gpu.create('a copy of a batch', buffer.size, tensorUsage);
  const { device } = gpu;
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  return copy;
}
