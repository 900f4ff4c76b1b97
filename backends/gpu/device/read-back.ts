import { bufferUsage, type Gpu, mapMode, roundUp } from './device.ts';

/** Submits the encoder's commands, then fetches bytes from a buffer as these leave it. `from` is a multiple of 4. */
export async function readBack(
  gpu: Gpu,
  encoder: GPUCommandEncoder,
  buffer: GPUBuffer,
  from: number,
  bytes: number,
): Promise<ArrayBuffer> {
  const { COPY_DST, MAP_READ } = bufferUsage;
  const size = roundUp(bytes, 4);
  const target = await gpu.allocate('a batch to be read', size, MAP_READ | COPY_DST);
  try {
    encoder.copyBufferToBuffer(buffer, from, target, 0, size);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.wait(target.mapAsync(mapMode.READ));
    return target.getMappedRange().slice(0, bytes);
  } finally {
    target.destroy();
  }
}
