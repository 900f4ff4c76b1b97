import { bufferUsage, type Gpu } from '../../backends/gpu/device/device.ts';
import type { Batch } from '../../src/core/batch.ts';
import { toHalf } from '../../src/core/half.ts';
import { randomFor } from '../../src/core/random.ts';
import { makeBatch } from '../../test/support/trainers.ts';
import type { TrainerWork } from './work.ts';

/** Numbers are drawn so many at once: drawing all of a large batch takes longer than training on it. */
const DRAWN = 2 ** 18;
const CLASSES = 1000;

/** Normal values and classes at random, as a pipeline on the GPU leaves them there: float16, not on this side at all. */
export async function batchOnDevice(gpu: Gpu, { rows, resolution }: TrainerWork): Promise<Batch> {
  const values = rows * resolution * resolution * 3;
  const rng = randomFor(0, 0, 0, 0);
  const drawn = Uint16Array.from({ length: DRAWN }, () => toHalf(rng.normal()));
  const { STORAGE, COPY_DST } = bufferUsage;
  const buffer = await gpu.allocate('images', 2 * values, STORAGE | COPY_DST);
  for (let at = 0; at < values; at += DRAWN)
    gpu.device.queue.writeBuffer(buffer, 2 * at, drawn, 0, 2 * Math.ceil(Math.min(DRAWN, values - at) / 2));
  const labels = Int32Array.from({ length: rows }, () => rng.integer(CLASSES));
  const shape = [rows, resolution, resolution, 3] as const;
  return { ...makeBatch({ images: new Float32Array(0), labels, shape, dtype: 'float16' }), buffer };
}

/** The same on this side, in float32, for trainers that take nothing else. */
export function batchHere({ rows, resolution }: TrainerWork): Batch {
  const rng = randomFor(0, 0, 0, 0);
  const images = Float32Array.from({ length: rows * resolution * resolution * 3 }, () => rng.normal());
  const labels = Int32Array.from({ length: rows }, () => rng.integer(CLASSES));
  return makeBatch({ images, labels, shape: [rows, resolution, resolution, 3] });
}
