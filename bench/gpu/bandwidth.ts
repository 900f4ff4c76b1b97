import { bufferUsage, type Gpu } from '../../backends/gpu/device/device.ts';
import type { DispatchTimer } from '../../backends/gpu/dispatch-timer.ts';
import { type Encode, shaderCopy } from './shader-copy.ts';

const MOST_BYTES = 2 ** 28;
const COPIES = 8;
const ROUNDS = 5;

export interface Bandwidth {
  /** Read and written together. */
  readonly bytesPerSecond: number;
  /** Of the buffer that was copied. */
  readonly bytes: number;
  /** How it was copied. */
  readonly way: string;
}

/**
 * How fast the device copies a buffer far larger than its caches: the best of a few rounds, by the driver's copy or by a
 * shader's, whichever is faster.
 * @param timer the device's own clock; without it the wall's
 */
export async function measureCopyBandwidth(gpu: Gpu, timer?: DispatchTimer): Promise<Bandwidth> {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  const bytes = Math.min(MOST_BYTES, maxBufferSize, maxStorageBufferBindingSize);
  const { COPY_DST, COPY_SRC, STORAGE } = bufferUsage;
  const from = await gpu.allocate('a buffer to copy', bytes, STORAGE | COPY_SRC);
  const to = await gpu.allocate('a copy', bytes, STORAGE | COPY_DST);
  const ways: Readonly<Record<string, Encode>> = {
    "by the driver's copy": (encoder) => encoder.copyBufferToBuffer(from, 0, to, 0, bytes),
    "by a shader's": await shaderCopy(gpu, from, to),
  };
  try {
    const measured: Bandwidth[] = [];
    for (const [way, copy] of Object.entries(ways)) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) times.push(await timeCommands(gpu, copy, timer));
      measured.push({ bytes, way, bytesPerSecond: (2 * bytes * COPIES * 1000) / Math.min(...times) });
    }
    return measured.reduce((a, b) => (a.bytesPerSecond >= b.bytesPerSecond ? a : b));
  } finally {
    from.destroy();
    to.destroy();
  }
}

/** Milliseconds that the commands take, encoded `COPIES` times. */
async function timeCommands(gpu: Gpu, encode: Encode, timer: DispatchTimer | undefined): Promise<number> {
  const encoder = gpu.device.createCommandEncoder();
  timer?.start(encoder);
  for (let i = 0; i < COPIES; i++) encode(encoder);
  timer?.mark(encoder, 'upload');
  const start = performance.now();
  gpu.device.queue.submit([encoder.finish()]);
  if (timer === undefined) {
    await gpu.wait(gpu.device.queue.onSubmittedWorkDone());
    return performance.now() - start;
  }
  await timer.read();
  return timer.take().reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}
