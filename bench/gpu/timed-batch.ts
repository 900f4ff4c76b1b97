import { bufferUsage, type Gpu, roundUp } from '../../backends/gpu/device/device.ts';
import { DispatchTimer, type TimedWork, type WorkTime } from '../../backends/gpu/dispatch-timer.ts';
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

export interface TimedRuns extends Repetitions {
  /** How often a run does the batch's dispatches. */
  readonly repeats: number;
}

/** Milliseconds of each kind of work in a batch; works that occur several times in it are added up. */
export async function timeBatch(
  gpu: Gpu,
  { images, format }: Batch,
  { warmup, runs, repeats }: TimedRuns,
): Promise<Map<TimedWork, Summary>> {
  const timer = await DispatchTimer.open(gpu, repeats);
  const processor = await Processor.open(gpu, {}, timer);
  const buffer = await openTensor(gpu, images.length, format);
  const prepared = prepareImages(images);
  const times = new Map<TimedWork, number[]>();
  try {
    for (let run = 0; run < warmup + runs; run++) {
      await processor.run(prepared, { format, buffer });
      const taken = timer.take();
      if (run >= warmup) addTimes(taken, repeats, times);
    }
  } finally {
    buffer.destroy();
    processor.close();
    timer.close();
  }
  return new Map([...times].map(([work, milliseconds]) => [work, summarize(milliseconds)]));
}

/** As threads do it, for the calling thread to find. */
export function prepareImages(images: readonly BatchImage[]): PreparedImage[] {
  const tables = new KnownTables();
  return images.map((image) => prepareImage(image, tables));
}

/** Of one run: the upload, then all dispatches, again and again. */
function addTimes(
  [upload, ...others]: readonly WorkTime[],
  repeats: number,
  times: Map<TimedWork, number[]>,
): void {
  const dispatches = others.length / repeats;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sums = sumByWork(others.slice(repeat * dispatches, (repeat + 1) * dispatches));
    if (repeat === 0 && upload !== undefined) addTo(times, upload.work, upload.milliseconds);
    for (const [work, milliseconds] of sums) addTo(times, work, milliseconds);
  }
}

function addTo(times: Map<TimedWork, number[]>, work: TimedWork, milliseconds: number): void {
  const known = times.get(work);
  if (known === undefined) times.set(work, [milliseconds]);
  else known.push(milliseconds);
}

function sumByWork(times: readonly WorkTime[]): Map<TimedWork, number> {
  const sums = new Map<TimedWork, number>();
  for (const { work, milliseconds } of times) sums.set(work, (sums.get(work) ?? 0) + milliseconds);
  return sums;
}

export function openTensor(gpu: Gpu, rows: number, { dtype }: TensorFormat): Promise<GPUBuffer> {
  const bytes = rows * OUTPUT.width * OUTPUT.height * 3 * bytesPerElement(dtype);
  return gpu.allocate('a tensor', roundUp(bytes, 4), bufferUsage.STORAGE | bufferUsage.COPY_SRC);
}
