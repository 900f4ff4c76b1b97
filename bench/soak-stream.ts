import {
  autoAugment,
  mixup,
  openDataset,
  type Pipeline,
  pipeline,
  type RunStatistics,
  randomHorizontalFlip,
  randomResizedCrop,
} from '../src/index.ts';
import { defaultImageSet, ensureImageSet } from './images.ts';
import { type SoakRun, sampleOf } from './soak-sample.ts';
import type { SoakSample } from './soak-verdict.ts';

export interface StreamSoak {
  /** Folder, shards or store; left out: the images of npm run bench. */
  readonly data: string | undefined;
  /** Images before the first sample, and from then on. */
  readonly warmup: number;
  readonly images: number;
  /** Edge of the crops. */
  readonly size: number;
  readonly batchSize: number;
  readonly workers: number | undefined;
}

const SAMPLES = 200;

/** Runs a stream to its end; samples at even distances after the warm-up. */
export async function soakStream(options: StreamSoak): Promise<SoakRun> {
  const data = options.data ?? (await ensureImageSet(defaultImageSet));
  const stream = await makeStream(data, options);
  const start = performance.now();
  const samples = await sampleStream(stream, options);
  const seconds = (performance.now() - start) / 1000;
  const { workers } = stream.statistics as RunStatistics;
  const images = samples.at(-1)?.images ?? 0;
  const speed = `${(images / seconds).toFixed(0)} images/s`;
  const work = `${data}\n${images} images in ${seconds.toFixed(0)} s (${speed}, ${workers} workers)`;
  return { samples, work, workers };
}

const makeStream = async (data: string, { size, batchSize, workers }: StreamSoak): Promise<Pipeline> =>
  pipeline(await openDataset(data), {
    batchSize,
    ...(workers !== undefined && { workers }),
    epochs: Number.POSITIVE_INFINITY,
    dropLast: true,
    seed: 7,
  }).pipe(randomResizedCrop(size), randomHorizontalFlip(), autoAugment(), mixup(0.2));

async function sampleStream(stream: Pipeline, { warmup, images: count }: StreamSoak): Promise<SoakSample[]> {
  const samples: SoakSample[] = [];
  let next = warmup;
  for await (const _ of stream) {
    const { images, memoryBound } = stream.statistics as RunStatistics;
    if (images >= next) {
      samples.push(sampleOf(images, memoryBound.total));
      next += count / SAMPLES;
    }
    if (images >= warmup + count) break;
  }
  return samples;
}
