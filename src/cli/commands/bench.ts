import type { Command } from 'commander';
import type { GpuCounts } from '../../../backends/gpu/counts.ts';
import type { Gpu } from '../../../backends/gpu/device/device.ts';
import { type Bottleneck, bottleneck, type Load, type Part, partNames } from '../../engine/run/bottleneck.ts';
import { LoadWatch } from '../../engine/run/load-watch.ts';
import type { RunStatistics } from '../../engine/run/statistics.ts';
import type { Pipeline } from '../../pipeline.ts';
import { openData, readingOf } from '../../streams/open-data.ts';
import { selectionOf } from '../../streams/selection.ts';
import { hasWholeBatch, trainingStream } from '../../streams/stream-options.ts';
import { trainingSteps } from '../../streams/training-steps.ts';
import { withGpu } from '../../streams/with-gpu.ts';
import { badSamplesOf } from '../../training/bad-samples.ts';
import { MemoryWatch } from '../../training/memory-watch.ts';
import { digestRecord } from '../../training/run-record.ts';
import { digestsOf } from '../../training/training-result.ts';
import { atLeast, type CommandContext, integerOption, makeCommand, runCommand } from '../command.ts';
import {
  describeBadSamples,
  describeDigests,
  describeGain,
  describeLargeImages,
  describeLimit,
  describeMemory,
  percent,
} from '../figures.ts';
import { addQuarantineFlag } from '../flags/bad-data-flags.ts';
import { addPresetFlags, type PresetFlags } from '../flags/configuration.ts';
import { addDataFlags, type DataFlags, dataSources, streamOf } from '../flags/data-flags.ts';
import { describeTraffic, type GpuTraffic, gpuTraffic, logAdapter } from '../gpu-figures.ts';

interface BenchFlags extends DataFlags, PresetFlags {
  readonly seconds: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const WARMUP_BATCHES = 8;

const examples = `
Examples:
  millrace bench photos --augmentation autoaugment
  millrace bench photos --workers 4 --batch-size 128 --seconds 30 --json
  millrace bench photos --data-backend gpu --augmentation autoaugment`;

export function benchCommand(): Command {
  const command = makeCommand('bench')
    .description('Measure the pipeline alone: images per second, and where the time goes.')
    .argument('<data>', `${dataSources}; with a train/ folder or without`)
    .addOption(integerOption('--seconds <n>', 'how long to measure, after a warm-up', 10, atLeast(1)))
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText('after', examples)
    .action((data: string, flags: BenchFlags) =>
      runCommand(flags, (context) => runBench(data, flags, context)),
    );
  return addQuarantineFlag(addDataFlags(addPresetFlags(command)));
}

export interface BenchResult {
  readonly images: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Milliseconds an image on a thread, by stage; 'other' is what lies between the stages. */
  readonly stages: Readonly<Record<Part, number>>;
  readonly bottleneck: Bottleneck;
  /** Milliseconds from the start of the process to the first batch. */
  readonly firstBatchMs: number;
  readonly memoryGrowth: number | undefined;
  /** With the gpu data backend: its adapter, and what was sent to it. */
  readonly gpu: (Gpu['adapter'] & GpuTraffic) | undefined;
}

async function runBench(
  data: string,
  flags: BenchFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const { stream: options, recipe } = streamOf(flags);
  const dataset = await openData(
    data,
    { split: 'train', ...readingOf(flags), ...selectionOf(flags) },
    terminal.log,
  );
  const dropLast = hasWholeBatch(dataset, options);
  const order = { epochs: Number.POSITIVE_INFINITY, dropLast, signal };
  const stream = trainingStream(dataset, trainingSteps(recipe), options, order);
  const result = await withGpu(options, logAdapter(terminal), (gpu) => {
    terminal.log(stream.explain());
    return measure(stream, flags.seconds, gpu);
  });
  const bad = describeBadSamples(badSamplesOf(stream), flags.quarantine);
  if (bad !== undefined) terminal.log(bad);
  const digests = flags.digest ? await digestsOf(stream) : undefined;
  if (flags.json) {
    const { memoryBound } = stream.statistics as RunStatistics;
    terminal.data(JSON.stringify({ ...result, memoryBound, ...(digests && digestRecord(digests)) }));
    return;
  }
  terminal.data(describe(result, stream));
  if (digests !== undefined) terminal.data(describeDigests(digests));
}

/** Runs the stream for so many seconds after a warm-up. */
async function measure(stream: Pipeline, seconds: number, gpu: Gpu | undefined): Promise<BenchResult> {
  const memory = new MemoryWatch(WARMUP_BATCHES);
  const load = new LoadWatch(() => stream.statistics);
  let [batches, firstBatchMs] = [0, 0];
  let start: Counted | undefined;
  for await (const _ of stream) {
    memory.sample();
    if (++batches === 1) firstBatchMs = (await progress(stream, gpu)).time;
    if (start !== undefined && performance.now() - start.time >= seconds * 1000) {
      const end = await progress(stream, gpu);
      return {
        ...figures(end.images - start.images, load.lap()),
        firstBatchMs,
        memoryGrowth: memory.growth,
        gpu: gpu && { ...gpu.adapter, ...gpuTraffic(start.gpu as GpuCounts, end.gpu as GpuCounts) },
      };
    }
    if (batches !== WARMUP_BATCHES) continue;
    start = await progress(stream, gpu);
    load.lap();
  }
  throw new Error('the stream ended before the measurement');
}

interface Counted {
  readonly time: number;
  readonly images: number;
  readonly gpu: GpuCounts | undefined;
}

/** What is done by now. A batch comes when its commands are with the GPU: now is when these are done. */
async function progress(stream: Pipeline, gpu: Gpu | undefined): Promise<Counted> {
  await gpu?.done();
  const statistics = stream.statistics as RunStatistics;
  const { images, gpu: counts } = statistics;
  return { time: performance.now(), images, gpu: counts && { ...counts } };
}

function figures(images: number, load: Load) {
  const limits = bottleneck(load);
  const entries = partNames.map((part) => [part, (limits.parts[part] * load.busyMs) / images]);
  const stages = Object.fromEntries(entries) as Record<Part, number>;
  const seconds = load.wallMs / 1000;
  return { images, seconds, imagesPerSecond: images / seconds, stages, bottleneck: limits };
}

const partNotes: Record<Part, string> = {
  read: 'encoded bytes from disk',
  draw: 'what to do with the image',
  decode: 'to RGB pixels',
  transform: 'crop, resize, flip, augmentation',
  finish: 'normalise, MixUp, into the batch',
  other: 'headers, reports',
};
const gpuPartNotes: Record<Part, string> = {
  ...partNotes,
  transform: 'what the crop reads, to where it is uploaded from',
  finish: 'nothing: the GPU does it',
};

function describe(result: BenchResult, stream: Pipeline): string {
  const { stages, imagesPerSecond, images, seconds, firstBatchMs, memoryGrowth, gpu } = result;
  const notes = gpu === undefined ? partNotes : gpuPartNotes;
  const rows = partNames.map((part) => {
    const share = percent(result.bottleneck.parts[part]);
    return `  ${part.padEnd(10)} ${stages[part].toFixed(3).padStart(7)} ms ${share.padStart(7)}  ${notes[part]}`;
  });
  const advice = describeLargeImages(result.bottleneck);
  return [
    `${imagesPerSecond.toFixed(0)} images/s (${images} images in ${seconds.toFixed(1)} s)`,
    `first batch ${firstBatchMs.toFixed(0)} ms after the start of the process`,
    'per image, on one thread:',
    ...rows,
    describeLimit(result.bottleneck),
    describeGain(result.bottleneck),
    ...(advice === undefined ? [] : [advice]),
    ...(gpu === undefined ? [] : [describeTraffic(gpu)]),
    describeMemory(memoryGrowth, stream.statistics?.memoryBound),
  ].join('\n');
}
