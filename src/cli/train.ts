import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Trainer, TrainingSettings } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { imageFolder } from '../datasets/image-folder.ts';
import type { RunStatistics } from '../engine/statistics.ts';
import { saveCheckpoint } from '../trainers/checkpoint.ts';
import { openTrainer } from '../trainers/trainer.ts';
import { toMetadata } from '../training/checkpoint-metadata.ts';
import { MetricsLog } from '../training/metrics-log.ts';
import { type LearningRateSchedule, type ScheduleOptions, schedules } from '../training/schedule.ts';
import { evaluate, type StepReport, type TrainSummary, train } from '../training/train.ts';
import {
  type CommandContext,
  choiceOption,
  integerOption,
  makeCommand,
  numberOption,
  runCommand,
} from './command.ts';
import {
  addDataFlags,
  checkClasses,
  type DataFlags,
  evaluationPipeline,
  hasValidation,
  trainingPipeline,
} from './data-flags.ts';
import { describeEvaluation, describeMemory, percent } from './figures.ts';
import { architectures, type ModelFlags, makeModel } from './model-flags.ts';
import type { Progress, Terminal } from './terminal.ts';

export interface TrainFlags extends DataFlags, ModelFlags {
  readonly imageSize?: number;
  readonly trainer: string;
  readonly tfjsBackend: string;
  readonly epochs: number;
  readonly lr: number;
  readonly lrSchedule: LearningRateSchedule;
  readonly endLr: number;
  readonly warmup: number;
  readonly optimizer: 'sgd' | 'rmsprop';
  readonly momentum: number;
  readonly weightDecay: number;
  readonly rmspropAlpha: number;
  readonly rmspropEps: number;
  readonly labelSmoothing: number;
  readonly prof: number;
  readonly workspace?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

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
    .addOption(choiceOption('-a, --arch <name>', 'model', architectures, 'efficientnet-b0'))
    .addOption(numberOption('--width <factor>', "on channels, instead of the model's own"))
    .addOption(numberOption('--depth <factor>', "on blocks a stage, instead of the model's own"))
    .addOption(integerOption('--stem-stride <n>', '1 keeps the resolution of small images'))
    .option(
      '--trainer <name>',
      "tfjs, none (drops batches), or a module of your own such as './trainer.js'",
      'tfjs',
    )
    .option('--tfjs-backend <name>', 'backend of the tfjs trainer', 'wasm')
    .addOption(integerOption('--epochs <n>', 'passes over the training images', 10))
    .addOption(numberOption('--lr <rate>', 'learning rate after the warm-up', 0.1))
    .addOption(choiceOption('--lr-schedule <name>', 'over epochs', schedules, 'cosine'))
    .addOption(numberOption('--end-lr <rate>', 'that cosine falls to', 0))
    .addOption(integerOption('--warmup <epochs>', 'of linear warm-up', 0))
    .addOption(choiceOption('--optimizer <name>', 'of the weights', ['sgd', 'rmsprop'], 'sgd'))
    .addOption(numberOption('--momentum <m>', 'of the optimizer', 0.9))
    .addOption(numberOption('--weight-decay <wd>', "on all weights but batch norm's", 1e-4))
    .addOption(numberOption('--rmsprop-alpha <a>', 'decay of the mean square', 0.9))
    .addOption(numberOption('--rmsprop-eps <e>', 'added to its root', 0.01))
    .addOption(numberOption('--label-smoothing <s>', 'share of the target spread over all classes', 0.1))
    .addOption(integerOption('--prof <n>', 'stop after n steps (-1: do not)', -1))
    .option('--workspace <folder>', 'for metrics and checkpoint (default: runs/<time>)')
    .option('--json', 'print metrics to stdout as JSON lines')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action((data: string, flags: TrainFlags) =>
      runCommand(flags, async (context) => void (await runTraining(data, flags, context))),
    );
  return addDataFlags(command);
}

export interface TrainingResult {
  readonly workspace: string;
  /** Path of the checkpoint; undefined for a trainer without weights. */
  readonly checkpoint: string | undefined;
  /** Share of val images whose class is the best guess; undefined without a val folder. */
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
  mkdirSync(workspace, { recursive: true });
  const log = new MetricsLog(join(workspace, 'metrics.jsonl'), flags.json ? terminal.data : undefined);
  try {
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
    if (flags.digest)
      log.write({ 'stream.digest': stream.statistics?.digest, 'pipeline.digest': stream.digest });
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

/** Top-1 on the val split; undefined where there is none. */
async function evaluateSplit(
  data: string,
  classes: readonly string[],
  flags: DataFlags,
  trainer: Trainer,
  log: MetricsLog,
  { terminal, signal }: CommandContext,
): Promise<number | undefined> {
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

function settingsOf(flags: TrainFlags): TrainingSettings {
  const { optimizer, momentum, weightDecay, rmspropAlpha, rmspropEps, labelSmoothing } = flags;
  return { optimizer, momentum, weightDecay, rmspropAlpha, rmspropEpsilon: rmspropEps, labelSmoothing };
}

function scheduleOf({ lrSchedule, lr, endLr, warmup, epochs }: TrainFlags): ScheduleOptions {
  return { schedule: lrSchedule, base: lr, end: endLr, warmup, epochs };
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
