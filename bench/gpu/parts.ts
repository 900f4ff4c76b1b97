import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { DispatchTimer } from '../../backends/gpu/dispatch-timer.ts';
import type { Interpolation } from '../../backends/kernels/resample/calls.ts';
import { describeMachine, type Summary } from '../measure.ts';
import { ensureStore } from '../peers/contestants.ts';
import { type Augmentation, augmentedBatches } from './augmented-batches.ts';
import { measureCopyBandwidth } from './bandwidth.ts';
import { type FedFigures, feedBatches } from './fed-batches.ts';
import { kernelTable, workTable } from './kernel-table.ts';
import { measurePeers, peerTable, type Way } from './peers.ts';
import { measureStreams, processorTable, type Stream, streamTable } from './streams.ts';
import { type TimedRuns, timeBatch } from './timed-batch.ts';
import { trafficOf } from './traffic.ts';

export interface PartOptions {
  readonly gpuAdapter: string | undefined;
  readonly kernelBatches: readonly number[];
  readonly batchSize: number;
  readonly runs: number;
  /** Undefined: as many as the device is quick enough for. */
  readonly repeats: number | undefined;
  readonly seconds: number;
  readonly rounds: number;
  readonly workers: number;
  readonly interpolation: Interpolation;
  readonly python: string;
  readonly peerDevice: string;
  /** Of the image set. */
  readonly folder: string;
}

/** A device to measure. */
interface Bench {
  readonly options: PartOptions;
  readonly gpu: Gpu;
  readonly bytesPerSecond: number;
  /** Undefined where the device has no clock of its own: kernels are then not timed. */
  readonly runs: TimedRuns | undefined;
}

export const parts = { kernels: printKernels, streams: printPipelines, peers: printComparison } as const;
export type Part = keyof typeof parts;

/** A fast device is busy for well under a millisecond a batch: several in a row, so that its clock does not drop between. */
const FAST_REPEATS = 10;
/** Enough for programs to differ from batch to batch. */
const BATCHES = 4;

/** Measures one part and prints it. */
export async function runPart(part: Part, options: PartOptions): Promise<void> {
  const gpu = await Gpu.open(options.gpuAdapter);
  const timer = gpu.device.features.has('timestamp-query') ? await DispatchTimer.open(gpu) : undefined;
  const { bytesPerSecond, bytes, way } = await measureCopyBandwidth(gpu, timer);
  timer?.close();
  const rate = `${(bytesPerSecond / 1e9).toFixed(1)} GB/s, read and written together, ${way}`;
  print(describeMachine(), describeAdapter(gpu.adapter), `copies ${bytes / 2 ** 20} MiB at ${rate}`);
  const { runs, repeats = gpu.adapter.isSoftware ? 1 : FAST_REPEATS } = options;
  const timedRuns = { warmup: Math.ceil(runs / 10), runs, repeats };
  await parts[part]({ options, gpu, bytesPerSecond, runs: timer && timedRuns });
  gpu.close();
}

const print = (...lines: readonly string[]): void =>
  void process.stdout.write(`${lines.join('\n').trimEnd()}\n\n`);

function describeAdapter({ name, isSoftware }: AdapterDescription): string {
  if (!isSoftware) return name;
  return `${name}: a driver that computes on the CPU. Its figures say only that nothing is pathological.`;
}

async function printKernels({ gpu, bytesPerSecond, runs, options }: Bench): Promise<void> {
  if (runs === undefined) return print('no timestamp queries on this device: its kernels are not timed');
  print(
    '## Kernels',
    `A batch of one kernel, ${runs.runs} runs of ${runs.repeats} in a row. floor: the bytes that the dispatch must read and write, each once, at the`,
    "copy's bandwidth; share: floor / median, above 100 % where caches hold what is read.",
    '',
    await kernelTable(gpu, options.kernelBatches, bytesPerSecond, runs),
  );
}

/** Milliseconds by dispatch of one batch of the augmentation; returns the sums with and without the upload. */
async function printAugmented({ gpu, bytesPerSecond, runs, options }: Bench, augmentation: Augmentation) {
  if (runs === undefined) return undefined;
  const { batchSize, interpolation } = options;
  const [batch] = await augmentedBatches(1, batchSize, augmentation);
  if (batch === undefined) throw new Error('no batch');
  const times = await timeBatch(gpu, batch, runs);
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

async function printFed({ gpu, options }: Bench, augmentation: Augmentation): Promise<FedFigures> {
  const { batchSize, seconds } = options;
  const fed = await feedBatches(gpu, await augmentedBatches(BATCHES, batchSize, augmentation), seconds);
  const { batches, images, dispatches, submits, bytesUp } = fed.counts;
  print(
    `Fed from memory, upload included: ${fed.imagesPerSecond.toFixed(0)} images/s, ${fed.msPerBatch.toFixed(3)} ms a batch,`,
    `of it ${fed.callingMsPerBatch.toFixed(3)} ms on the calling thread. A batch: ${submits / batches} submit,`,
    `${dispatches / batches} dispatches; an image: ${(bytesUp / images / 1000).toFixed(0)} kB up.`,
  );
  return fed;
}

async function printStreams({ options }: Bench, gpuMsPerBatch: number): Promise<void> {
  const { folder, rounds, workers, gpuAdapter, batchSize, seconds, interpolation } = options;
  const sources = { memory: '', folder, store: ensureStore(folder) } as const;
  const streams = Object.entries(sources).flatMap(([source, path]) =>
    (['gpu', 'cpu'] as const).map((backend) => ({ source, backend, path }) as Stream),
  );
  const measured = await measureStreams(streams, {
    ...{ batchSize, seconds, interpolation, gpuAdapter, policy: 'v0' },
    ...{ rounds, workers },
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

async function printPeers({ options }: Bench, ours: readonly Way[]): Promise<void> {
  const { python, peerDevice: device, folder, batchSize, interpolation, seconds } = options;
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

async function printPipelines(bench: Bench): Promise<void> {
  print('## AutoAugment');
  const augmentation = { policy: 'v0', interpolation: bench.options.interpolation, isMixed: false } as const;
  const times = await printAugmented(bench, augmentation);
  const fed = await printFed(bench, augmentation);
  await printStreams(bench, times?.all ?? fed.msPerBatch);
}

async function printComparison(bench: Bench): Promise<void> {
  const { interpolation, batchSize } = bench.options;
  const augmentation = { policy: 'imagenet', interpolation, isMixed: true } as const;
  const times = await printAugmented(bench, augmentation);
  const ours: Way[] = [{ name: 'millrace, fed', ...(await printFed(bench, augmentation)) }];
  if (times !== undefined) ours.unshift(dispatchesAlone(times.dispatched, batchSize));
  await printPeers(bench, ours);
}

const dispatchesAlone = (msPerBatch: number, batchSize: number): Way => ({
  name: 'millrace, dispatches',
  msPerBatch,
  imagesPerSecond: (1000 * batchSize) / msPerBatch,
});
