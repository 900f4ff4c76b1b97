import { BackendError } from '../../src/core/errors.ts';
import { bytesPerElement, type RawImage, type Size, type TensorFormat } from '../../src/core/image.ts';
import type { Backend, Executor, FinishRow } from '../backend.ts';
import type { KernelCall } from '../kernels/kernel.ts';
import { bufferUsage, Gpu, roundUp } from './device/device.ts';
import { readBack } from './device/read-back.ts';
import { KnownTables } from './known-tables.ts';
import { type PreparedImage, prepareImage } from './prepared-image.ts';
import { Processor } from './processor.ts';

/**
 * Single images on a GPU: for previews and tests. A row is kept as its image and its program, which run when the
 * row is read or finished. Streams process whole batches instead (processor.ts).
 */
export const gpuBackend: Backend = {
  name: 'gpu',
  open: () => openGpuExecutor(),
};

/** @param adapter place in the list of adapters, or a part of the name; left out: the fastest */
export async function openGpuExecutor(adapter?: string): Promise<Executor> {
  const gpu = await Gpu.open(adapter);
  try {
    return new GpuExecutor(gpu, await Processor.open(gpu));
  } catch (error) {
    gpu.close();
    throw error;
  }
}

class GpuExecutor implements Executor {
  readonly #gpu: Gpu;
  readonly #processor: Processor;
  readonly #tables = new KnownTables();
  readonly #rows: PreparedImage[] = [];
  #source: { data: Buffer; size: Size } = { data: Buffer.alloc(0), size: { width: 0, height: 0 } };

  constructor(gpu: Gpu, processor: Processor) {
    this.#gpu = gpu;
    this.#processor = processor;
  }

  image(_row: number, { width, height }: Size): Buffer {
    this.#source = { data: allocate(width, height), size: { width, height } };
    return this.#source.data;
  }

  run(row: number, program: readonly KernelCall[]): Size {
    const { data, size } = this.#source;
    const image = prepareImage({ pixels: data, size, calls: program }, this.#tables);
    this.#rows[row] = image;
    return image.plan.resultSize;
  }

  async read(row: number): Promise<RawImage> {
    return this.#processor.runAndRead(this.#rowAt(row));
  }

  async finish(rows: readonly FinishRow[], format: TensorFormat, output: Uint8Array): Promise<void> {
    const size = rows[0] && this.#rowAt(rows[0].row).plan.resultSize;
    if (size === undefined) return;
    const images = this.#imagesOf(rows);
    const rowBytes = size.width * size.height * 3 * bytesPerElement(format.dtype);
    const { COPY_SRC, STORAGE } = bufferUsage;
    const buffer = await this.#gpu.allocate(
      'a tensor',
      roundUp(rowBytes * images.length, 4),
      STORAGE | COPY_SRC,
    );
    try {
      await this.#processor.run(images, { format, buffer });
      const encoder = this.#gpu.device.createCommandEncoder();
      output.set(new Uint8Array(await readBack(this.#gpu, encoder, buffer, 0, output.length)));
    } finally {
      buffer.destroy();
    }
  }

  get failure(): BackendError | undefined {
    return this.#gpu.failure;
  }

  get bytesHeld(): number {
    const kept = this.#rows.reduce((sum, row) => sum + (row?.pixels.length ?? 0), 0);
    return this.#processor.bytesHeld + this.#source.data.length + kept;
  }

  close(): void {
    this.#rows.length = 0;
    this.#processor.close();
    this.#gpu.close();
  }

  /** The rows' images in order; after them, partners, whose own rows of the tensor nobody reads. */
  #imagesOf(rows: readonly FinishRow[]): PreparedImage[] {
    const images: PreparedImage[] = rows.map(({ row, ...finish }) => ({ ...this.#rowAt(row), ...finish }));
    for (const [i, { mix }] of rows.entries()) {
      if (mix === undefined) continue;
      const partner = images.push(this.#rowAt(mix.partner)) - 1;
      images[i] = { ...(images[i] as PreparedImage), mix: { ...mix, partner } };
    }
    return images;
  }

  #rowAt(row: number): PreparedImage {
    const held = this.#rows[row];
    if (held === undefined) throw new BackendError('ROW_NOT_RUN', `gpu: row ${row} has not been run`);
    return held;
  }
}

function allocate(width: number, height: number): Buffer<ArrayBuffer> {
  try {
    return Buffer.alloc(width * height * 3);
  } catch (cause) {
    const message = `gpu: no memory for an image of ${width} x ${height} pixels`;
    throw new BackendError('OUT_OF_MEMORY', message, { cause });
  }
}
