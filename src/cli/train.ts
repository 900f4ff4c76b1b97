import { join } from 'node:path';
import type { Command } from 'commander';
import type { Gpu } from '../../backends/gpu/device.ts';
import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import type { Pipeline } from '../pipeline.ts';
import { defaultMetricsFile, runFiles } from '../report/run-files.ts';
import { RunReport } from '../report/run-report.ts';
import { saveCheckpoint } from '../trainers/checkpoint.ts';
import { openTrainer } from '../trainers/trainer.ts';
import { type CheckpointInfo, toMetadata } from '../training/checkpoint-metadata.ts';
import { describeEnvironment } from '../training/environment.ts';
import type { MetricsLog } from '../training/metrics-log.ts';
import { type TrainSummary, train } from '../training/train.ts';
import { type CommandContext, Interrupted, makeCommand, runCommand } from './command.ts';
import { addDataFlags, dataSources, trainingPipeline } from './data-flags.ts';
import { describeDigests, digestsOf } from './figures.ts';
import { makeModel } from './model-flags.ts';
import { finishReport, openLog, updateReport, writeReportSamples } from './run-report.ts';
import type { Terminal } from './terminal.ts';
import { tfjsBackendFor } from './tfjs-backend.ts';
import { addTrainFlags, scheduleOf, settingsOf, type TrainFlags } from './train-flags.ts';
import { reportDataset, reportEpoch, reportStep, reportSummary } from './train-reports.ts';
import {
  type Evaluator,
  evaluator,
  isEvaluatedAfter,
  openValidation,
  reasonNotToEvaluate,
} from './validation.ts';
import { withGpu } from './with-gpu.ts';

const examples = `
Examples:
  millrace train photos --arch efficientnet-nano --epochs 20
  millrace train imagenet --augmentation autoaugment --mixup 0.2 --optimizer rmsprop --lr 0.08
  millrace train photos --data-backend gpu             images are augmented on the GPU
  millrace train photos --trainer none --prof 100      how fast the data side is
  millrace train photos --data-backend synthetic       how fast the trainer is`;

export function trainCommand(): Command {
  const command = makeCommand('train')
    .description(
      'Train a model on labelled images: data/train/<class>/*, data/val/<class>/*, or shards, or IDX files.',
    )
    .argument('<data>', `${dataSources}; with train/ and val/ in it or without`)
    .option('--workspace <folder>', 'for metrics, checkpoint and report (default: runs/<time>)')
    .option('--raport-file <name>', 'metrics in the workspace, as JSON lines', defaultMetricsFile)
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
  const dataset = openDataset(data, { split: 'train' });
  const notEvaluated = reasonNotToEvaluate(data, given);
  const validation = notEvaluated === undefined ? openValidation(data, dataset.classes) : undefined;
  const model = makeModel(given, dataset.classes.length);
  const flags = { ...given, imageSize: given.imageSize ?? model.resolution };
  const stream = trainingPipeline(dataset, flags, { epochs: flags.epochs, dropLast: true, signal });
  const workspace = flags.workspace ?? join('runs', new Date().toISOString().replaceAll(':', '-'));
  const files = runFiles(workspace, flags.raportFile);
  const trainer = await openTrainer(flags.trainer, {
    backend: tfjsBackendFor(flags.tfjsBackend, gpu?.adapter),
  });
  const log = openLog(workspace, files, flags.json ? terminal.data : undefined);
  const info = {
    model,
    classes: dataset.classes,
    imageSize: flags.imageSize,
    interpolation: flags.interpolation,
  };
  const report = new RunReport(files);
  const save = () => saveModel(join(workspace, 'checkpoint.safetensors'), trainer, info, log, terminal);
  try {
    log.write({
      'run.started': new Date().toISOString(),
      'run.workspace': workspace,
      'run.flags': flags,
      'run.environment': describeEnvironment(),
      'pipeline.digest': stream.digest,
      ...(gpu && { 'run.gpu': gpu.adapter }),
    });
    await trainer.prepare(model, {
      precision: 'float32',
      seed: flags.seed,
      settings: settingsOf(flags),
      ...(gpu && { device: gpu.device }),
    });
    reportDataset(dataset, flags, workspace, terminal);
    await writeReportSamples(dataset, flags, files, context);
    if (notEvaluated !== undefined) terminal.log(`${notEvaluated}: not evaluated`);
    const evaluateAfter =
      validation && evaluator({ dataset: validation, flags, trainer, log, files, signal });
    const steps = stepCount(dataset, flags);
    const parts = { stream, trainer, steps, flags, log, report, terminal, evaluateAfter };
    const { lastEpoch } = await trainSteps(parts).catch(async (error) => {
      if (error instanceof Interrupted) await save();
      throw error;
    });
    const checkpoint = await save();
    const top1 = checkpoint === undefined ? undefined : await evaluateAfter?.(lastEpoch, terminal.log);
    return { workspace, checkpoint, top1 };
  } finally {
    log.close();
    finishReport(report, terminal);
    await stream.close();
    await trainer.close();
  }
}

interface TrainingParts {
  readonly stream: Pipeline;
  readonly trainer: Trainer;
  readonly steps: number;
  readonly flags: TrainFlags;
  readonly log: MetricsLog;
  readonly report: RunReport;
  readonly terminal: Terminal;
  readonly evaluateAfter: Evaluator | undefined;
}

async function trainSteps(parts: TrainingParts): Promise<TrainSummary> {
  const { stream, trainer, steps, flags, log, report, terminal, evaluateAfter } = parts;
  const progress = terminal.progress(steps, 'train');
  const summary = await train(stream, trainer, {
    schedule: scheduleOf(flags),
    onStep: (step) => reportStep(step, log, progress),
    onEpoch: async (epoch) => {
      reportEpoch(epoch, log, progress);
      if (isEvaluatedAfter(epoch.epoch, flags)) await evaluateAfter?.(epoch.epoch, progress.log);
      updateReport(report, terminal);
    },
    onSubstitution: (substitution) => log.write({ substituted: substitution }),
    ...(flags.prof > 0 && { maxSteps: flags.prof }),
  }).finally(() => progress.stop());
  reportSummary(summary, stream.statistics, terminal);
  if (!flags.digest) return summary;
  const digests = digestsOf(stream);
  log.write({ ...digests });
  terminal.log(describeDigests(digests));
  return summary;
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

function stepCount({ length }: Dataset, { batchSize, epochs, prof }: TrainFlags): number {
  const steps = Math.floor(length / batchSize) * epochs;
  return prof > 0 ? Math.min(prof, steps) : steps;
}
