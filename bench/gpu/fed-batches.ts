import { performance } from 'node:perf_hooks';
import type { GpuCounts } from '../../backends/gpu/counts.ts';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import type { PreparedImage } from '../../backends/gpu/prepared-image.ts';
import { Processor } from '../../backends/gpu/processor.ts';
import { type Batch, openTensor, prepareImages } from './timed-batch.ts';

/** A processor that was given one batch after the other. */
export interface FedFigures {
  readonly imagesPerSecond: number;
  readonly msPerBatch: number;
  /** Milliseconds that this thread ran: copying to where the device fetches from, encoding, submitting, polling. */
  readonly callingMsPerBatch: number;
  readonly counts: Readonly<GpuCounts>;
}

/** As many tensors as a pipeline has slots. */
const TENSORS = 3;

/** Runs batches of one size and format in turn for so many seconds, until the device is done with the last. */
export async function feedBatches(gpu: Gpu, batches: readonly Batch[], seconds: number): Promise<FedFigures> {
  const { images, format } = batches[0] as Batch;
  const ready = batches.map((batch) => prepareImages(batch.images));
  const processor = await Processor.open(gpu);
  const opening = Array.from({ length: TENSORS }, () => openTensor(gpu, images.length, format));
  const tensors = await Promise.all(opening);
  const run = async (number: number) => {
    const prepared = ready[number % batches.length] as PreparedImage[];
    await processor.run(prepared, { format, buffer: tensors[number % TENSORS] as GPUBuffer });
  };
  const done = () => gpu.wait(gpu.device.queue.onSubmittedWorkDone());
  try {
    for (let number = 0; number < batches.length; number++) await run(number);
    await done();
    const [start, before] = [performance.now(), performance.eventLoopUtilization()];
    let count = 0;
    while (performance.now() - start < seconds * 1000) await run(count++);
    await done();
    const milliseconds = performance.now() - start;
    const { active } = performance.eventLoopUtilization(before);
    return {
      imagesPerSecond: (1000 * count * images.length) / milliseconds,
      msPerBatch: milliseconds / count,
      callingMsPerBatch: active / count,
      counts: processor.counts,
    };
  } finally {
    for (const tensor of tensors) tensor.destroy();
    processor.close();
  }
}
