/** A pipeline on one backend as a process of its own: prints what it measured as one line of JSON (streams.ts). */
import { stat } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Gpu } from '../../backends/gpu/device/device.ts';
import type { Load } from '../../src/engine/run/bottleneck.ts';
import { LoadWatch } from '../../src/engine/run/load-watch.ts';
import {
  type Dataset,
  imageFolder,
  images,
  normalize,
  type Pipeline,
  pipeline,
  store,
} from '../../src/index.ts';
import { text } from '../text-option.ts';
import { type Augmentation, augmentationSteps, augmentedBatches } from './augmented-batches.ts';
import { feedBatches } from './fed-batches.ts';
import { cutRegions } from './regions.ts';
import { type ThreadTimes, ThreadWatch } from './thread-times.ts';

export interface StreamFigures {
  readonly batches: number;
  readonly images: number;
  readonly load: Load;
  /** Processor time of the whole process, in user and system mode. */
  readonly processorMs: number;
  /** Of it, by threads; undefined where the system does not tell. */
  readonly threads: ThreadTimes | undefined;
}

const WARMUP_BATCHES = 8;
/** Raw images in memory: 144 MB. */
const MEMORY_IMAGES = 256;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: text('gpu'),
    source: text('folder'),
    'batch-size': text('128'),
    workers: text('2'),
    seconds: text('5'),
    policy: text('v0'),
    interpolation: text('bilinear'),
    'gpu-adapter': { type: 'string' },
  },
});

const augmentation = { policy: options.policy, interpolation: options.interpolation } as Augmentation;
const [path = ''] = positionals;

/** What `--source` opens. */
const sources: Readonly<Record<string, () => Dataset | Promise<Dataset>>> = {
  memory: async () => {
    const pictures = await cutRegions({ width: 500, height: 375 }, MEMORY_IMAGES);
    return images(pictures.map((image) => ({ image })));
  },
  folder: () => imageFolder(path),
  store: () => store(path),
};

function makePipeline(dataset: Dataset): Pipeline {
  const adapter = options['gpu-adapter'];
  return pipeline(dataset, {
    backend: options.backend as 'cpu' | 'gpu',
    ...(adapter !== undefined && { gpuAdapter: adapter }),
    batchSize: Number(options['batch-size']),
    workers: Number(options.workers),
    epochs: Number.POSITIVE_INFINITY,
    dropLast: true,
  }).pipe(...(augmentationSteps(augmentation) as []), normalize()) as Pipeline;
}

/** Opens the device, and has it work once so that all threads of its driver are there. */
async function openGpu(): Promise<Gpu> {
  const gpu = await Gpu.open(options['gpu-adapter']);
  await feedBatches(gpu, await augmentedBatches(1, 2, { ...augmentation, isMixed: false }), 0);
  return gpu;
}

async function measure(stream: Pipeline, gpu: Gpu | undefined, threads: ThreadWatch): Promise<StreamFigures> {
  const load = new LoadWatch(() => stream.statistics);
  let [batches, imagesBefore, start, cpu] = [0, 0, 0, process.cpuUsage()];
  for await (const _ of stream) {
    batches++;
    if (batches < WARMUP_BATCHES) continue;
    const isOver = batches > WARMUP_BATCHES && performance.now() - start >= 1000 * Number(options.seconds);
    if (batches > WARMUP_BATCHES && !isOver) continue;
    // what is still to be computed counts as well
    await gpu?.wait(gpu.device.queue.onSubmittedWorkDone());
    const { images } = stream.statistics as NonNullable<Pipeline['statistics']>;
    if (isOver) {
      const { user, system } = process.cpuUsage(cpu);
      const figures = { batches: batches - WARMUP_BATCHES, images: images - imagesBefore };
      const processorMs = (user + system) / 1000;
      return { ...figures, load: load.lap(), processorMs, threads: threads.lap() };
    }
    threads.assign('workers');
    threads.lap();
    load.lap();
    [imagesBefore, start, cpu] = [images, performance.now(), process.cpuUsage()];
  }
  throw new Error('the stream ended before the measurement');
}

const threads = new ThreadWatch();
await stat('.'); // the threads of libuv begin with the first use
threads.assign('node');
const gpu = options.backend === 'gpu' ? await openGpu() : undefined;
threads.assign('driver');
const open = sources[options.source];
if (open === undefined) throw new Error(`--source must be one of ${Object.keys(sources).join(', ')}`);
const figures = await measure(makePipeline(await open()), gpu, threads);
gpu?.close();
process.stdout.write(`${JSON.stringify(figures)}\n`);
