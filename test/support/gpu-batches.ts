import { bufferUsage, type Gpu, roundUp } from '../../backends/gpu/device/device.ts';
import { readBack } from '../../backends/gpu/device/read-back.ts';
import type { Batch } from '../../src/core/batch.ts';
import type { Trainer, TrainStepOptions } from '../../src/core/trainer.ts';
import type { Pipeline } from '../../src/pipeline.ts';
import { type BatchParts, makeBatch } from './trainers.ts';

/** A batch as the gpu data backend makes it: its images on the GPU alone. `reads` counts how often they are fetched. */
export async function makeGpuBatch(gpu: Gpu, parts: BatchParts): Promise<Batch & { readonly reads: number }> {
  const host = makeBatch(parts);
  const buffer = await gpu.allocate('a batch', host.images.byteLength, usage);
  writeBatch(gpu, buffer, parts);
  let reads = 0;
  return {
    ...host,
    buffer,
    get images(): never {
      throw new Error('the images are on the GPU');
    },
    get reads() {
      return reads;
    },
    async read() {
      reads++;
      const { images } = host;
      const { buffer: bytes } = await readBuffer(gpu, buffer);
      return images instanceof Uint16Array
        ? new Uint16Array(bytes, 0, images.length)
        : new Float32Array(bytes, 0, images.length);
    },
  };
}

const usage = bufferUsage.STORAGE | bufferUsage.COPY_SRC | bufferUsage.COPY_DST;

/** Writes other images over a batch's, as the engine does once the batch is released. */
export function writeBatch({ device }: Gpu, buffer: GPUBuffer, parts: BatchParts): void {
  const { images } = makeBatch(parts);
  // WebGPU writes multiples of four bytes
  const bytes = new Uint8Array(roundUp(images.byteLength, 4));
  bytes.set(new Uint8Array(images.buffer, images.byteOffset, images.byteLength));
  device.queue.writeBuffer(buffer, 0, bytes);
}

/** What is in a buffer, as 32-bit words. */
export async function readBuffer(gpu: Gpu, buffer: GPUBuffer): Promise<Uint32Array<ArrayBuffer>> {
  return new Uint32Array(await readBack(gpu, gpu.device.createCommandEncoder(), buffer, 0, buffer.size));
}

/** Trains on the batches, whose last of an epoch may have fewer rows: losses, and how many batches the trainer had read. */
export async function learnFrom(stream: Pipeline, trainer: Trainer, step: TrainStepOptions) {
  const losses: number[] = [];
  let readByTrainer = 0;
  for await (const batch of stream) {
    const { read } = batch;
    Object.assign(batch, { read: () => read().finally(() => readByTrainer++) });
    losses.push((await trainer.trainStep(batch, step)).loss);
  }
  await stream.close();
  return { losses, readByTrainer };
}
