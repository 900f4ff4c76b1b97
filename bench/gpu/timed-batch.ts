import { bufferUsage, type Gpu, roundUp } from '../../backends/gpu/device/device.ts';
import { DispatchTimer, type TimedWork } from '../../backends/gpu/dispatch-timer.ts';
import { KnownTables } from '../../backends/gpu/known-tables.ts';
import { type BatchImage, type PreparedImage, prepareImage } from '../../backends/gpu/prepared-image.ts';
import { Processor } from '../../backends/gpu/processor.ts';
import { bytesPerElement, type TensorFormat } from '../../src/core/image.ts';
import { type Repetitions, type Summary, summarize } from '../measure.ts';
import { OUTPUT } from './kernel-batches.ts';

/** A batch of images that all end as 224 x 224. */
export interface Batch {
  readonly images: readonly BatchImage[];
  readonly format: TensorFormat;
}

/** Milliseconds of each kind of work in a batch; works that occur several times in it are added up. */
export async function timeBatch(
  gpu: Gpu,
  { images, format }: Batch,
  { warmup, runs }: Repetitions,
): Promise<Map<TimedWork, Summary>> {
  const timer = await DispatchTimer.open(gpu);
  const processor = await Processor.open(gpu, {}, timer);
  const buffer = await openTensor(gpu, images.length, format);
  const prepared = prepareImages(images);
  const times: Map<TimedWork, number>[] = [];
  try {
    for (let run = 0; run < warmup + runs; run++) {
      await processor.run(prepared, { format, buffer });
      times.push(sumByWork(timer));
    }
  } finally {
    buffer.destroy();
    processor.close();
    timer.close();
  }
  const measured = times.slice(warmup);
  const works = [...(measured[0] as Map<TimedWork, number>).keys()];
  return new Map(works.map((work) => [work, summarize(measured.map((run) => run.get(work) as number))]));
}

/** As threads do it, for the calling thread to find. */
export function prepareImages(images: readonly BatchImage[]): PreparedImage[] {
  const tables = new KnownTables();
  return images.map((image) => prepareImage(image, tables));
}

function sumByWork(timer: DispatchTimer): Map<TimedWork, number> {
  const sums = new Map<TimedWork, number>();
  for (const { work, milliseconds } of timer.take()) sums.set(work, (sums.get(work) ?? 0) + milliseconds);
  return sums;
}

export function openTensor(gpu: Gpu, rows: number, { dtype }: TensorFormat): Promise<GPUBuffer> {
  const bytes = rows * OUTPUT.width * OUTPUT.height * 3 * bytesPerElement(dtype);
  return gpu.allocate('a tensor', roundUp(bytes, 4), bufferUsage.STORAGE | bufferUsage.COPY_SRC);
}
