import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DataError } from '../core/errors.ts';
import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { imageFolder } from '../datasets/image-folder.ts';
import type { RunStatistics } from '../engine/statistics.ts';
import { saveCheckpoint } from '../trainers/checkpoint.ts';
import { openTrainer } from '../trainers/trainer.ts';
import { toMetadata } from '../training/checkpoint-metadata.ts';
import { MetricsLog } from '../training/metrics-log.ts';
import { evaluate, type StepReport, type TrainSummary, train } from '../training/train.ts';
import { type CommandContext, makeCommand, runCommand } from './command.ts';
import {
  addDataFlags,
  checkClasses,
  type DataFlags,
  evaluationPipeline,
  hasValidation,
  trainingPipeline,
} from './data-flags.ts';
import { describeDigests, describeEvaluation, describeMemory, digestsOf, percent } from './figures.ts';
import { makeModel } from './model-flags.ts';
import type { Progress, Terminal } from './terminal.ts';
import { addTrainFlags, scheduleOf, settingsOf, type TrainFlags } from './train-flags.ts';

const examples = `
Examples:
  millrace train photos --arch efficientnet-nano --epochs 20
  millrace train imagenet --augmentation autoaugment --mixup 0.2 --optimizer rmsprop --lr 0.08
  millrace train photos --trainer none --prof 100      how fast the data side is
  millrace train photos --data-backend synthetic       how fast the trainer is`;

export function trainCommand(): Command {
  const command = makeCommand('train')
    .description('Train a model on a folder of images: data/train/<class>/*, data/val/<class>/*.')
    .argument('<data>', 'folder with train/ and val/, or with class folders')
    .option('--workspace <folder>', 'for metrics and checkpoint (default: runs/<time>)')
    .option('--json', 'print metrics to stdout as JSON lines')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action((data: string, flags: TrainFlags) =>
      runCommand(flags, async (context) => void (await runTraining(data, flags, context))),
    );
  return addDataFlags(addTrainFlags(command));
}

export interface TrainingResult {
  readonly workspace: string;
  /** Path of the checkpoint; undefined for a trainer without weights. */
  readonly checkpoint: string | undefined;
  /** Share of val images whose class is the best guess; undefined without a val folder or with synthetic batches. */
  readonly top1: number | undefined;
}

/** Trains, writes metrics.jsonl and checkpoint.safetensors to the workspace, evaluates on val if there is one. */
export async function runTraining(
  data: string,
  given: TrainFlags,
  context: CommandContext,
): Promise<TrainingResult> {
  const { terminal, signal } = context;
  const dataset = imageFolder(data, { split: 'train' });
  const model = makeModel(given, dataset.classes.length);
  const flags = { ...given, imageSize: given.imageSize ?? model.resolution };
  const stream = trainingPipeline(dataset, flags, { epochs: flags.epochs, dropLast: true, signal });
  const trainer = await openTrainer(flags.trainer, { backend: flags.tfjsBackend });
  const workspace = flags.workspace ?? join('runs', new Date().toISOString().replaceAll(':', '-'));
  const log = openLog(workspace, flags.json ? terminal.data : undefined);
  try {
    log.write({ 'run.started': new Date().toISOString(), 'run.flags': flags });
    await trainer.prepare(model, { precision: 'float32', seed: flags.seed, settings: settingsOf(flags) });
    terminal.log(
      `${dataset.name}: ${dataset.length} images, ${dataset.classes.length} classes -> ${workspace}`,
    );
    const progress = terminal.progress(stepCount(dataset, flags), 'train');
    const summary = await train(stream, trainer, {
      schedule: scheduleOf(flags),
      onStep: (report) => reportStep(report, log, progress),
      ...(flags.prof > 0 && { maxSteps: flags.prof }),
    }).finally(() => progress.stop());
    reportSummary(summary, stream.statistics, terminal);
    if (flags.digest) {
      const digests = digestsOf(stream);
      log.write({ ...digests });
      terminal.log(describeDigests(digests));
    }
    const state = await trainer.state();
    if (Object.keys(state.weights).length === 0) return { workspace, checkpoint: undefined, top1: undefined };
    const checkpoint = join(workspace, 'checkpoint.safetensors');
    const { classes } = dataset;
    await saveCheckpoint(checkpoint, { state, metadata: toMetadata({ model, classes, ...flags }) });
    terminal.log(`checkpoint: ${checkpoint}`);
    return { workspace, checkpoint, top1: await evaluateSplit(data, classes, flags, trainer, log, context) };
  } finally {
    log.close();
    await stream.close();
    await trainer.close();
  }
}

function openLog(workspace: string, also: ((line: string) => void) | undefined): MetricsLog {
  try {
    mkdirSync(workspace, { recursive: true });
    return new MetricsLog(join(workspace, 'metrics.jsonl'), also);
  } catch (cause) {
    const reason = `cannot be written: ${(cause as Error).message}`;
    throw new DataError('WRITE_FAILED', `${workspace}: the workspace ${reason}`, { cause });
  }
}

/** Top-1 on the val split; undefined where there is nothing to judge by. */
async function evaluateSplit(
  data: string,
  classes: readonly string[],
  flags: DataFlags,
  trainer: Trainer,
  log: MetricsLog,
  { terminal, signal }: CommandContext,
): Promise<number | undefined> {
  if (flags.dataBackend === 'synthetic') {
    terminal.log('synthetic batches have no classes to tell apart: not evaluated');
    return undefined;
  }
  if (!hasValidation(data)) {
    terminal.log(`${data} has no val folder: not evaluated`);
    return undefined;
  }
  const dataset = imageFolder(data, { split: 'val' });
  checkClasses(dataset, classes);
  const result = await evaluate(evaluationPipeline(dataset, flags, { signal }), trainer);
  log.write({
    'val.top1': result.top1,
    'val.top5': result.top5,
    'val.loss': result.loss,
    'val.images': result.images,
  });
  terminal.log(describeEvaluation(result));
  return result.top1;
}

function stepCount({ length }: Dataset, { batchSize, epochs, prof }: TrainFlags): number {
  const steps = Math.floor(length / batchSize) * epochs;
  return prof > 0 ? Math.min(prof, steps) : steps;
}

function reportStep(report: StepReport, log: MetricsLog, progress: Progress): void {
  const { step, epoch, loss, learningRate, imagesPerSecond, waitingShare } = report;
  log.write({
    step,
    epoch,
    'train.loss': loss,
    'train.lr': learningRate,
    'train.total_ips': imagesPerSecond,
    'train.waiting_share': waitingShare,
  });
  const speed = `${imagesPerSecond.toFixed(0)} images/s`;
  const waiting = `waiting for data ${percent(waitingShare)}`;
  progress.update(
    step + 1,
    `epoch ${epoch} | loss ${loss.toFixed(4)} | lr ${learningRate.toPrecision(3)} | ${speed} | ${waiting}`,
  );
}

function reportSummary(
  summary: TrainSummary,
  statistics: RunStatistics | undefined,
  terminal: Terminal,
): void {
  const { steps, images, seconds, imagesPerSecond, waitingShare } = summary;
  const speed = `${imagesPerSecond.toFixed(0)} images/s`;
  const waiting = `waiting for data ${percent(waitingShare)} of the time`;
  terminal.log(`trained ${steps} steps, ${images} images in ${seconds.toFixed(1)} s: ${speed}, ${waiting}`);
  const substitutions = statistics?.substitutions ?? 0;
  if (substitutions > 0) terminal.log(`${substitutions} bad images were replaced by others`);
  terminal.log(describeMemory(summary.memoryGrowth, statistics?.memoryBound));
}
