/** `npm run bench:gpu`: the gpu backend's kernels against the memory's bandwidth, its pipelines, and peers on the same GPU. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AdapterDescription } from '../backends/gpu/device/adapter.ts';
import { Gpu } from '../backends/gpu/device/device.ts';
import { DispatchTimer } from '../backends/gpu/dispatch-timer.ts';
import type { Interpolation } from '../backends/kernels/resample/calls.ts';
import { type Augmentation, augmentedBatches } from './gpu/augmented-batches.ts';
import { measureCopyBandwidth } from './gpu/bandwidth.ts';
import { type FedFigures, feedBatches } from './gpu/fed-batches.ts';
import { kernelTable, workTable } from './gpu/kernel-table.ts';
import { measurePeers, peerTable, type Way } from './gpu/peers.ts';
import { measureStreams, processorTable, type Stream, streamTable } from './gpu/streams.ts';
import { timeBatch } from './gpu/timed-batch.ts';
import { trafficOf } from './gpu/traffic.ts';
import { defaultImageSet, ensureImageSet } from './images.ts';
import { describeMachine, type Summary } from './measure.ts';
import { ensureStore } from './peers/contestants.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:gpu -- [options]

  --gpu-adapter <name>      place in millrace doctor's list, or a part of the name (default: the fastest)
  --parts <names>           of kernels, streams, peers (default all)
  --kernel-batches <sizes>  batch sizes of the kernels' table (default 64,256)
  --batch-size <n>          of pipelines and peers (default 128)
  --runs <n>                times that each kernel is run, after a tenth as many for warm-up (default 50)
  --seconds <n>             of measuring each pipeline and each peer, after a warm-up (default 5)
  --rounds <n>              times that each pipeline is measured (default 3)
  --workers <n>             worker threads (default: as many as there are cores)
  --interpolation <name>    bilinear or bicubic (default bilinear)
  --count <n>               images of the set (default ${defaultImageSet.count})
  --python <path>           Python with torchvision (default: $MILLRACE_PYTHON, else .venv/bin/python)
  --peer-device <name>      cuda, or cpu to try the peers' program (default cuda)
  --help
`;

const { values: options } = parseArgs({
  options: {
    'gpu-adapter': { type: 'string' },
    parts: text('kernels,streams,peers'),
    'kernel-batches': text('64,256'),
    'batch-size': text('128'),
    runs: text('50'),
    seconds: text('5'),
    rounds: text('3'),
    workers: text(String(availableParallelism())),
    interpolation: text('bilinear'),
    count: text(String(defaultImageSet.count)),
    python: text(process.env['MILLRACE_PYTHON'] ?? join('.venv', 'bin', 'python')),
    'peer-device': text('cuda'),
    help: { type: 'boolean', default: false },
  },
});

const parts = options.parts.split(',');
const batchSize = Number(options['batch-size']);
const runs = Number(options.runs);
const repetitions = { warmup: Math.ceil(runs / 10), runs };
const seconds = Number(options.seconds);
const interpolation = options.interpolation as Interpolation;
/** Enough for programs to differ from batch to batch. */
const BATCHES = 4;

const print = (...lines: readonly string[]): void =>
  void process.stdout.write(`${lines.join('\n').trimEnd()}\n\n`);

function describeAdapter({ name, isSoftware }: AdapterDescription): string {
  if (!isSoftware) return name;
  return `${name}: a driver that computes on the CPU. Its figures say only that nothing is pathological.`;
}

/** Undefined where the device has no clock of its own; kernels are then not timed. */
const openTimer = async (gpu: Gpu): Promise<DispatchTimer | undefined> =>
  gpu.device.features.has('timestamp-query') ? DispatchTimer.open(gpu) : undefined;

async function printKernels(gpu: Gpu, bytesPerSecond: number): Promise<void> {
  const batchSizes = options['kernel-batches'].split(',').map(Number);
  print(
    '## Kernels',
    `A batch of one kernel, ${runs} runs. floor: the bytes that the dispatch must read and write, each once, at the`,
    "copy's bandwidth; share: floor / median, above 100 % where caches hold what is read.",
    '',
    await kernelTable(gpu, batchSizes, bytesPerSecond, repetitions),
  );
}

/** Milliseconds by dispatch of one batch of the augmentation; returns the sums with and without the upload. */
async function printAugmented(gpu: Gpu, augmentation: Augmentation, bytesPerSecond: number) {
  const [batch] = await augmentedBatches(1, batchSize, augmentation);
  if (batch === undefined) throw new Error('no batch');
  const times = await timeBatch(gpu, batch, repetitions);
  const sum = (values: readonly Summary[]) => values.reduce((total, { median }) => total + median, 0);
  const all = sum([...times.values()]);
  const { policy, isMixed } = augmentation;
  print(
    `### A batch of ${batchSize}: ${interpolation} crop, AutoAugment ${policy}${isMixed ? ', MixUp' : ''}`,
    `${all.toFixed(3)} ms on the device. upload: from memory of this machine, over the bus where the device has its own.`,
    '',
    workTable(times, trafficOf(batch.images, batch.format), bytesPerSecond),
  );
  return { all, dispatched: all - (times.get('upload')?.median ?? 0) };
}

async function printFed(gpu: Gpu, augmentation: Augmentation): Promise<FedFigures> {
  const fed = await feedBatches(gpu, await augmentedBatches(BATCHES, batchSize, augmentation), seconds);
  const { batches, images, dispatches, submits, bytesUp } = fed.counts;
  print(
    `Fed from memory, upload included: ${fed.imagesPerSecond.toFixed(0)} images/s, ${fed.msPerBatch.toFixed(3)} ms a batch,`,
    `of it ${fed.callingMsPerBatch.toFixed(3)} ms on the calling thread. A batch: ${submits / batches} submit,`,
    `${dispatches / batches} dispatches; an image: ${(bytesUp / images / 1000).toFixed(0)} kB up.`,
  );
  return fed;
}

async function printStreams(folder: string, gpuMsPerBatch: number): Promise<void> {
  const sources = { memory: '', folder, store: ensureStore(folder) } as const;
  const streams = Object.entries(sources).flatMap(([source, path]) =>
    (['gpu', 'cpu'] as const).map((backend) => ({ source, backend, path }) as Stream),
  );
  const { rounds, workers, 'gpu-adapter': gpuAdapter } = options;
  const measured = await measureStreams(streams, {
    ...{ batchSize, seconds, interpolation, gpuAdapter, policy: 'v0' },
    ...{ rounds: Number(rounds), workers: Number(workers) },
  });
  print(
    '## Pipelines',
    `AutoAugment v0, ${workers} workers, ${rounds} rounds of ${seconds} s. memory: raw images, nothing to decode. Milliseconds`,
    'a batch: of the whole, of each thread, of the calling thread, of the device (as above, alone). What is busy nearly all of',
    'the time is what limits, the rest is hidden behind it; but the calling thread, while it waits for the device, polls.',
    '',
    streamTable(measured, gpuMsPerBatch),
    'Processor milliseconds an image, of the whole process and of its threads by what started them (driver: the GPU',
    "driver's own; the calling thread runs parts of it too). read to other: elapsed time in the threads' tasks.",
    '',
    processorTable(measured),
  );
}

async function printPeers(folder: string, ours: readonly Way[]): Promise<void> {
  const { python, 'peer-device': device } = options;
  const peers = await measurePeers({ python, folder, device, batchSize, interpolation, seconds });
  print(
    '## Peers',
    `The same augmentation of ${batchSize} images that lie decoded in the device's memory (ours, fed: in this machine's):`,
    'random-resized crop, flip, AutoAugment imagenet, normalize to float16, MixUp.',
    [peers.versions, peers.device].filter((part) => part).join('; '),
    '',
    peerTable(ours, peers),
  );
}

async function printPipelines(gpu: Gpu, folder: string, bytesPerSecond: number, isTimed: boolean) {
  print('## AutoAugment');
  const augmentation = { policy: 'v0', interpolation, isMixed: false } as const;
  const times = isTimed ? await printAugmented(gpu, augmentation, bytesPerSecond) : undefined;
  const fed = await printFed(gpu, augmentation);
  await printStreams(folder, times?.all ?? fed.msPerBatch);
}

async function printComparison(gpu: Gpu, folder: string, bytesPerSecond: number, isTimed: boolean) {
  const augmentation = { policy: 'imagenet', interpolation, isMixed: true } as const;
  const times = isTimed ? await printAugmented(gpu, augmentation, bytesPerSecond) : undefined;
  const ours: Way[] = [{ name: 'millrace, fed', ...(await printFed(gpu, augmentation)) }];
  if (times !== undefined) ours.unshift(dispatchesAlone(times.dispatched));
  await printPeers(folder, ours);
}

const dispatchesAlone = (msPerBatch: number): Way => ({
  name: 'millrace, dispatches',
  msPerBatch,
  imagesPerSecond: (1000 * batchSize) / msPerBatch,
});

async function main(): Promise<void> {
  const folder = await ensureImageSet({ ...defaultImageSet, count: Number(options.count) });
  const gpu = await Gpu.open(options['gpu-adapter']);
  const timer = await openTimer(gpu);
  const isTimed = timer !== undefined;
  const { bytesPerSecond, bytes } = await measureCopyBandwidth(gpu, timer);
  timer?.close();
  const copy = `copies ${bytes / 2 ** 20} MiB at ${(bytesPerSecond / 1e9).toFixed(1)} GB/s, read and written together`;
  print(describeMachine(), describeAdapter(gpu.adapter), copy);
  if (!isTimed) print('no timestamp queries on this device: its kernels are not timed');
  else if (parts.includes('kernels')) await printKernels(gpu, bytesPerSecond);
  if (parts.includes('streams')) await printPipelines(gpu, folder, bytesPerSecond, isTimed);
  if (parts.includes('peers')) await printComparison(gpu, folder, bytesPerSecond, isTimed);
  gpu.close();
}

if (options.help) process.stdout.write(usage);
else await main();
