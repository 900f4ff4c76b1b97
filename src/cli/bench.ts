import type { Command } from 'commander';
import { openDataset } from '../datasets/open-dataset.ts';
import type { RunStatistics } from '../engine/statistics.ts';
import { noTimes, type StageTimes, stageNames } from '../engine/task.ts';
import type { Pipeline } from '../pipeline.ts';
import { MemoryWatch } from '../training/memory-watch.ts';
import { atLeast, type CommandContext, integerOption, makeCommand, runCommand } from './command.ts';
import { addDataFlags, type DataFlags, dataSources, trainingPipeline } from './data-flags.ts';
import { describeDigests, describeMemory, digestsOf, percent } from './figures.ts';

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
  /** Milliseconds an image on a thread, by stage. */
  readonly stages: StageTimes;
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
  let firstBatchMs = 0;
  let batches = 0;
  let start = { time: 0, images: 0, stages: noTimes() };
  for await (const _ of stream) {
    if (batches++ === 0) firstBatchMs = performance.now();
    memory.sample();
    const statistics = stream.statistics as RunStatistics;
    const now = { time: performance.now(), images: statistics.images, stages: { ...statistics.stages } };
    if (batches === WARMUP_BATCHES) start = now;
    if (batches > WARMUP_BATCHES && now.time - start.time >= seconds * 1000) {
      const images = now.images - start.images;
      const elapsed = now.time - start.time;
      const stages = noTimes();
      for (const stage of stageNames) stages[stage] = (now.stages[stage] - start.stages[stage]) / images;
      const imagesPerSecond = (images / elapsed) * 1000;
      return {
        images,
        seconds: elapsed / 1000,
        imagesPerSecond,
        stages,
        firstBatchMs,
        memoryGrowth: memory.growth,
      };
    }
  }
  throw new Error('the stream ended before the measurement');
}

const stageNotes: Record<keyof StageTimes, string> = {
  read: 'encoded bytes from disk',
  decode: 'to RGB pixels',
  transform: 'crop, resize, flip, augmentation',
  finish: 'normalise, MixUp, into the batch',
};

function describe(result: BenchResult, stream: Pipeline): string {
  const { stages, imagesPerSecond, images, seconds, firstBatchMs, memoryGrowth } = result;
  const total = stageNames.reduce((sum, stage) => sum + stages[stage], 0);
  const rows = stageNames.map((stage) => {
    const share = percent(total > 0 ? stages[stage] / total : 0);
    return `  ${stage.padEnd(10)} ${stages[stage].toFixed(3).padStart(7)} ms ${share.padStart(7)}  ${stageNotes[stage]}`;
  });
  return [
    `${imagesPerSecond.toFixed(0)} images/s (${images} images in ${seconds.toFixed(1)} s)`,
    `first batch ${firstBatchMs.toFixed(0)} ms after the start of the process`,
    'a thread, an image:',
    ...rows,
    describeMemory(memoryGrowth, stream.statistics?.memoryBound),
  ].join('\n');
}
