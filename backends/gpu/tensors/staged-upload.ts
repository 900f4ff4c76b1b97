import { bufferUsage, type Gpu, mapMode, roundUp } from '../device/device.ts';
import { GrowingBuffer } from '../device/growing-buffer.ts';

/**
 * Sends large tensors up through mapped memory, two in turn. Memory that threads share is copied straight there, once; the
 * queue's own way would take it only copied, and copies it again.
 */
export class StagedUpload {
  readonly #gpu: Gpu;
  readonly #staging: readonly GrowingBuffer[];
  #next = 0;

  constructor(gpu: Gpu) {
    const usage = bufferUsage.MAP_WRITE | bufferUsage.COPY_SRC;
    this.#gpu = gpu;
    this.#staging = [0, 1].map(() => new GrowingBuffer(gpu, 'images on their way', usage));
  }

  /** Copies the values at once; whatever is submitted after this has them on the device. */
  async send(
    { buffer, byteOffset, byteLength }: ArrayBufferView,
    target: GPUBuffer,
    offset: number,
  ): Promise<void> {
    const bytes = roundUp(byteLength, 4);
    const staging = await (this.#staging[this.#next] as GrowingBuffer).atLeast(bytes);
    this.#next = 1 - this.#next;
    if (staging.mapState === 'unmapped') await this.#gpu.wait(staging.mapAsync(mapMode.WRITE));
    new Uint8Array(staging.getMappedRange()).set(new Uint8Array(buffer, byteOffset, byteLength));
    staging.unmap();
    const encoder = this.#gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(staging, 0, target, offset, bytes);
    this.#gpu.device.queue.submit([encoder.finish()]);
  }

  close(): void {
    for (const staging of this.#staging) staging.close();
  }
}
