import type { Command } from 'commander';
import { openDataset } from '../datasets/open-dataset.ts';
import { type Bottleneck, bottleneck, type Load, type Part, partNames } from '../engine/bottleneck.ts';
import { LoadWatch } from '../engine/load-watch.ts';
import type { RunStatistics } from '../engine/statistics.ts';
import type { Pipeline } from '../pipeline.ts';
import { MemoryWatch } from '../training/memory-watch.ts';
import { atLeast, type CommandContext, integerOption, makeCommand, runCommand } from './command.ts';
import { addDataFlags, type DataFlags, dataSources, trainingPipeline } from './data-flags.ts';
import {
  describeDigests,
  describeGain,
  describeLimit,
  describeMemory,
  digestsOf,
  percent,
} from './figures.ts';

interface BenchFlags extends DataFlags {
  readonly seconds: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const WARMUP_BATCHES = 8;

const examples = `
Examples:
  millrace bench photos --augmentation autoaugment
  millrace bench photos --workers 4 --batch-size 128 --seconds 30 --json`;

export function benchCommand(): Command {
  const command = makeCommand('bench')
    .description('Images a second of the pipeline alone, and where the time goes.')
    .argument('<data>', `${dataSources}; with train/ in it or without`)
    .addOption(integerOption('--seconds <n>', 'how long to measure, after a warm-up', 10, atLeast(1)))
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action((data: string, flags: BenchFlags) =>
      runCommand(flags, (context) => runBench(data, flags, context)),
    );
  return addDataFlags(command);
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
}

async function runBench(
  data: string,
  flags: BenchFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const dataset = openDataset(data, { split: 'train' });
  const epochs = Number.POSITIVE_INFINITY;
  const stream = trainingPipeline(dataset, flags, {
    epochs,
    dropLast: dataset.length >= flags.batchSize,
    signal,
  });
  terminal.log(stream.explain());
  const result = await measure(stream, flags.seconds);
  const digests = flags.digest ? digestsOf(stream) : undefined;
  if (flags.json) {
    const { memoryBound } = stream.statistics as RunStatistics;
    terminal.data(JSON.stringify({ ...result, memoryBound, ...digests }));
    return;
  }
  terminal.data(describe(result, stream));
  if (digests !== undefined) terminal.data(describeDigests(digests));
}

/** Runs the stream for so many seconds after a warm-up. */
async function measure(stream: Pipeline, seconds: number): Promise<BenchResult> {
  const memory = new MemoryWatch(WARMUP_BATCHES);
  const load = new LoadWatch(() => stream.statistics);
  let [batches, imagesBefore, start, firstBatchMs] = [0, 0, 0, 0];
  for await (const _ of stream) {
    const now = performance.now();
    const { images } = stream.statistics as RunStatistics;
    memory.sample();
    if (++batches === 1) firstBatchMs = now;
    if (batches === WARMUP_BATCHES) {
      [imagesBefore, start] = [images, now];
      load.lap();
    }
    if (batches > WARMUP_BATCHES && now - start >= seconds * 1000)
      return { ...figures(images - imagesBefore, load.lap()), firstBatchMs, memoryGrowth: memory.growth };
  }
  throw new Error('the stream ended before the measurement');
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
  decode: 'to RGB pixels',
  transform: 'crop, resize, flip, augmentation',
  finish: 'normalise, MixUp, into the batch',
  other: 'headers, drawing, reports',
};

function describe(result: BenchResult, stream: Pipeline): string {
  const { stages, imagesPerSecond, images, seconds, firstBatchMs, memoryGrowth } = result;
  const rows = partNames.map((part) => {
    const share = percent(result.bottleneck.parts[part]);
    return `  ${part.padEnd(10)} ${stages[part].toFixed(3).padStart(7)} ms ${share.padStart(7)}  ${partNotes[part]}`;
  });
  return [
    `${imagesPerSecond.toFixed(0)} images/s (${images} images in ${seconds.toFixed(1)} s)`,
    `first batch ${firstBatchMs.toFixed(0)} ms after the start of the process`,
    'a thread, an image:',
    ...rows,
    describeLimit(result.bottleneck),
    describeGain(result.bottleneck),
    describeMemory(memoryGrowth, stream.statistics?.memoryBound),
  ].join('\n');
}
