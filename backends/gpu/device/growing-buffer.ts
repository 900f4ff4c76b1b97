import { BackendError } from '../../../src/core/errors.ts';
import { type Gpu, roundUp } from './device.ts';

/** A buffer that is replaced by a larger one where it is too small; what it held is then gone. */
export class GrowingBuffer {
  readonly #gpu: Gpu;
  readonly #purpose: string;
  readonly #usage: GPUBufferUsageFlags;
  readonly #most: number;
  #buffer: GPUBuffer | undefined;

  /** @param purpose what it holds, for the message where there is no memory; @param most never larger than this */
  constructor(gpu: Gpu, purpose: string, usage: GPUBufferUsageFlags, most = Number.POSITIVE_INFINITY) {
    this.#gpu = gpu;
    this.#purpose = purpose;
    this.#usage = usage;
    this.#most = most;
  }

  async atLeast(bytes: number): Promise<GPUBuffer> {
    const known = this.#buffer;
    if (known !== undefined && known.size >= bytes) return known;
    // sizes creep up: with room to spare they soon do so no more
    const ample = known === undefined ? bytes : Math.min(this.#most, Math.ceil(bytes * 1.25));
    known?.destroy();
    this.#buffer = undefined;
    this.#buffer = await this.#allocate(roundUp(ample, 16));
    return this.#buffer;
  }

  get bytes(): number {
    return this.#buffer?.size ?? 0;
  }

  async #allocate(bytes: number): Promise<GPUBuffer> {
    try {
      return await this.#gpu.allocate(this.#purpose, bytes, this.#usage);
    } catch (error) {
      if (!(error instanceof BackendError) || error.code !== 'OUT_OF_MEMORY') throw error;
      throw new BackendError(error.code, `${error.message}; a smaller batchSize needs less`);
    }
  }

  close(): void {
    this.#buffer?.destroy();
  }
}
