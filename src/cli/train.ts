import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Gpu } from '../../backends/gpu/device.ts';
import { DataError, ParameterError } from '../core/errors.ts';
import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { openDataset, splitsOf } from '../datasets/open-dataset.ts';
import type { Pipeline } from '../pipeline.ts';
import { saveCheckpoint } from '../trainers/checkpoint.ts';
import { openTrainer } from '../trainers/trainer.ts';
import { type CheckpointInfo, toMetadata } from '../training/checkpoint-metadata.ts';
import { MetricsLog } from '../training/metrics-log.ts';
import { evaluate, train } from '../training/train.ts';
import { type CommandContext, Interrupted, makeCommand, runCommand } from './command.ts';
import {
  addDataFlags,
  checkClasses,
  type DataFlags,
  dataSources,
  evaluationPipeline,
  trainingPipeline,
} from './data-flags.ts';
import { runEvaluation } from './evaluate.ts';
import { describeDigests, describeEvaluation, digestsOf } from './figures.ts';
import { makeModel } from './model-flags.ts';
import { choosePrecision } from './precision.ts';
import { loadPretrained } from './pretrained.ts';
import { answerReferenceFlags } from './reference-flags.ts';
import type { Terminal } from './terminal.ts';
import { tfjsBackendFor } from './tfjs-backend.ts';
import { addTrainFlags, scheduleOf, settingsOf, type TrainFlags } from './train-flags.ts';
import { reportDataset, reportEpoch, reportStep, reportSummary } from './train-reports.ts';
import { withGpu } from './with-gpu.ts';

const examples = `
Examples:
  millrace train photos --arch efficientnet-nano --epochs 20
  millrace train imagenet --preset efficientnet-b0      NVIDIA's recipe; --print-config shows it
  millrace train photos --data-backend gpu             images are augmented on the GPU
  millrace train photos --trainer none --prof 100      how fast the data side is
  millrace train photos --data-backend synthetic       how fast the trainer is`;

export function trainCommand(): Command {
  const command = makeCommand('train')
    .description(
      'Train a model on labelled images: data/train/<class>/*, data/val/<class>/*, or shards, or IDX files.',
    )
    .argument('[data]', `${dataSources}; with train/ and val/ in it or without`)
    .option('--workspace <folder>', 'for metrics and checkpoint (default: runs/<time>)')
    .option('--json', 'print metrics to stdout as JSON lines')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action((data: string, flags: TrainFlags) =>
      runCommand(flags, (context) => startTraining(data, flags, context)),
    );
  return addDataFlags(addTrainFlags(command));
}

async function startTraining(data: string, flags: TrainFlags, context: CommandContext): Promise<void> {
  answerReferenceFlags(flags, context.terminal.log);
  if (flags.evaluate) await evaluateResumed(data, flags, context);
  else await runTraining(data, flags, context);
}

function evaluateResumed(data: string, flags: TrainFlags, context: CommandContext): Promise<void> {
  const { resume } = flags;
  if (resume !== undefined) return runEvaluation(resume, data, flags, context);
  throw new ParameterError('INVALID_OPTION', '--evaluate: needs --resume <checkpoint>, which it evaluates');
}

export interface TrainingResult {
  readonly workspace: string;
  /** Path of the checkpoint; undefined for a trainer without weights. */
  readonly checkpoint: string | undefined;
  /** Share of val images whose class is the best guess; undefined without a val split or with synthetic batches. */
  readonly top1: number | undefined;
}

/** Trains, writes metrics.jsonl and checkpoint.safetensors to the workspace, evaluates on val if there is one. */
export function runTraining(
  data: string,
  flags: TrainFlags,
  context: CommandContext,
): Promise<TrainingResult> {
  return withGpu(flags, context.terminal.log, (gpu) => trainOn(gpu, data, flags, context));
}

async function trainOn(
  gpu: Gpu | undefined,
  data: string,
  given: TrainFlags,
  context: CommandContext,
): Promise<TrainingResult> {
  const { terminal, signal } = context;
  const trainer = await openTrainer(given.trainer, {
    backend: tfjsBackendFor(given.tfjsBackend, gpu?.adapter),
  });
  const precision = await choosePrecision(trainer, given);
  const dataset = openDataset(data, { split: 'train' });
  const notEvaluated = reasonNotToEvaluate(data, given);
  const validation = notEvaluated === undefined ? openValidation(data, dataset.classes) : undefined;
  const model = makeModel(given, dataset.classes.length);
  const flags = { ...given, imageSize: given.imageSize ?? model.resolution };
  const stream = trainingPipeline(dataset, flags, { epochs: flags.epochs, dropLast: true, signal });
  const workspace = flags.workspace ?? join('runs', new Date().toISOString().replaceAll(':', '-'));
  const log = openLog(workspace, flags.json ? terminal.data : undefined);
  const info = {
    model,
    classes: dataset.classes,
    imageSize: flags.imageSize,
    interpolation: flags.interpolation,
  };
  const save = () => saveModel(join(workspace, 'checkpoint.safetensors'), trainer, info, log, terminal);
  try {
    log.write({
      'run.started': new Date().toISOString(),
      'run.workspace': workspace,
      'run.flags': flags,
      ...(gpu && { 'run.gpu': gpu.adapter }),
    });
    await trainer.prepare(model, {
      precision,
      seed: flags.seed,
      settings: settingsOf(flags),
      ...(gpu && { device: gpu.device }),
    });
    await loadPretrained(trainer, flags);
    reportDataset(dataset, flags, workspace, terminal);
    if (notEvaluated !== undefined) terminal.log(`${notEvaluated}: not evaluated`);
    await trainSteps(stream, trainer, stepCount(dataset, flags), flags, log, terminal).catch(
      async (error) => {
        if (error instanceof Interrupted) await save();
        throw error;
      },
    );
    const checkpoint = await save();
    const top1 =
      checkpoint === undefined || validation === undefined
        ? undefined
        : await evaluateOn(validation, flags, trainer, log, context);
    return { workspace, checkpoint, top1 };
  } finally {
    log.close();
    await stream.close();
    await trainer.close();
  }
}

function reasonNotToEvaluate(data: string, { dataBackend }: DataFlags): string | undefined {
  if (dataBackend === 'synthetic') return 'synthetic batches have no classes to tell apart';
  return splitsOf(data).includes('val') ? undefined : `${data} has no val split`;
}

/** The val split, opened before training: what is wrong with it is better known now than hours later. */
function openValidation(data: string, classes: readonly string[]): Dataset {
  const dataset = openDataset(data, { split: 'val' });
  checkClasses(dataset, classes);
  return dataset;
}

async function trainSteps(
  stream: Pipeline,
  trainer: Trainer,
  steps: number,
  flags: TrainFlags,
  log: MetricsLog,
  terminal: Terminal,
): Promise<void> {
  const progress = terminal.progress(steps, 'train', flags.printFreq);
  const summary = await train(stream, trainer, {
    schedule: scheduleOf(flags),
    onStep: (report) => reportStep(report, log, progress),
    onEpoch: (epoch, limits) => reportEpoch(epoch, limits, progress),
    onSubstitution: (substitution) => log.write({ substituted: substitution }),
    ...(flags.prof > 0 && { maxSteps: flags.prof }),
  }).finally(() => progress.stop());
  reportSummary(summary, stream.statistics, terminal);
  if (!flags.digest) return;
  const digests = digestsOf(stream);
  log.write({ ...digests });
  terminal.log(describeDigests(digests));
}

/** Saves the trainer's state; returns the path, or undefined for a trainer without weights. */
async function saveModel(
  path: string,
  trainer: Trainer,
  info: CheckpointInfo,
  log: MetricsLog,
  terminal: Terminal,
): Promise<string | undefined> {
  const state = await trainer.state();
  if (Object.keys(state.weights).length === 0) return undefined;
  await saveCheckpoint(path, { state, metadata: toMetadata(info) });
  log.write({ 'run.checkpoint': path });
  terminal.log(`checkpoint: ${path}`);
  return path;
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

/** Top-1 on the val split. */
async function evaluateOn(
  dataset: Dataset,
  flags: DataFlags,
  trainer: Trainer,
  log: MetricsLog,
  { terminal, signal }: CommandContext,
): Promise<number> {
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
