import { bufferUsage, type Gpu, mapMode } from '../device/device.ts';

/** Where values lie that are brought down, and the memory that takes them: no more than lie there. */
export interface Download {
  readonly source: Required<GPUBufferBinding>;
  readonly into: Uint8Array;
}

/** Brings values down through mapped memory, which is kept for the next time. One after the other. */
export class StagedDownload {
  readonly #gpu: Gpu;
  #staging: GPUBuffer | undefined;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Makes room. */
  async prepare(downloads: readonly Download[]): Promise<void> {
    const bytes = bytesOf(downloads);
    if (this.#staging !== undefined && this.#staging.size >= bytes) return;
    this.#staging?.destroy();
    this.#staging = undefined;
    const { MAP_READ, COPY_DST } = bufferUsage;
    this.#staging = await this.#gpu.allocate('what is read back', bytes, MAP_READ | COPY_DST);
  }

  /** Has the values copied as they are when the commands so far are done. */
  encode(encoder: GPUCommandEncoder, downloads: readonly Download[]): void {
    let at = 0;
    for (const { buffer, offset, size } of downloads.map(({ source }) => source)) {
      encoder.copyBufferToBuffer(buffer, offset, this.#staging as GPUBuffer, at, size);
      at += size;
    }
  }

  /** Fetches the values, once the commands are submitted. */
  async take(downloads: readonly Download[]): Promise<void> {
    const staging = this.#staging as GPUBuffer;
    const bytes = bytesOf(downloads);
    await this.#gpu.wait(staging.mapAsync(mapMode.READ, 0, bytes));
    const mapped = new Uint8Array(staging.getMappedRange(0, bytes));
    let at = 0;
    for (const { source, into } of downloads) {
      into.set(mapped.subarray(at, at + into.byteLength));
      at += source.size;
    }
    staging.unmap();
  }

  close(): void {
    this.#staging?.destroy();
  }
}

const bytesOf = (downloads: readonly Download[]): number =>
  downloads.reduce((sum, { source }) => sum + source.size, 0);
