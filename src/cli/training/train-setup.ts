import { join, resolve } from 'node:path';
import type { Gpu } from '../../../backends/gpu/device/device.ts';
import type { Precision, Trainer } from '../../core/trainer.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import type { Pipeline } from '../../pipeline.ts';
import { openTrainer } from '../../trainers/open-trainer.ts';
import { accumulationOf } from '../../training/accumulation.ts';
import type { RunData } from '../../training/checkpoint-metadata.ts';
import type { RunIdentity } from '../../training/run-identity.ts';
import { beginning, type RunState, streamStart } from '../../training/run-state.ts';
import { type RunFiles, runFiles } from '../../workspace/workspace.ts';
import { trainingPipeline } from '../flags/data-flags.ts';
import { makeModel } from '../flags/model-flags.ts';
import { openData } from '../flags/open-data.ts';
import { choosePrecision } from '../flags/precision.ts';
import { tfjsBackendFor } from '../flags/tfjs-backend.ts';
import type { TrainFlags } from '../flags/train-flags.ts';
import { checkOutliers } from './outlier-log.ts';
import { checkIdentity, identityOf, openResumption, type Resumption } from './resumption.ts';
import { averageStep, openValidation, reasonNotToEvaluate } from './validation.ts';

/** What a training consists of, opened and checked before the first step. */
export interface TrainSetup {
  readonly flags: TrainFlags & { readonly imageSize: number };
  readonly dataset: Dataset;
  readonly data: RunData;
  /** What is evaluated on, or why nothing is. */
  readonly validation: Dataset | { readonly reasonNot: string };
  readonly model: EfficientNet;
  /** Batches an update of the weights. */
  readonly batchesPerUpdate: number;
  readonly resumption: Resumption | undefined;
  readonly start: RunState;
  /** Of a resumed training; that of another is asked for when it is first saved. */
  readonly identity: RunIdentity | undefined;
  /** Epochs of the training that will have ended with this run. */
  readonly endEpoch: number;
  readonly stream: Pipeline;
  readonly trainer: Trainer;
  readonly precision: Precision;
  readonly workspace: string;
  readonly files: RunFiles;
}

export async function openSetup(
  gpu: Gpu | undefined,
  data: string,
  given: TrainFlags,
  { signal, print }: { readonly signal: AbortSignal; readonly print: (line: string) => void },
): Promise<TrainSetup> {
  const backend = tfjsBackendFor(given.tfjsBackend, gpu?.adapter);
  const trainer = await openTrainer(given.trainer, { backend });
  const precision = await choosePrecision(trainer, given);
  const dataset = openData(data, { split: 'train' }, given, print);
  const reasonNot = reasonNotToEvaluate(data, given);
  const validation =
    reasonNot === undefined ? openValidation(data, dataset.classes, given, print) : { reasonNot };
  const model = makeModel(given, dataset.classes.length);
  const resumption = await openResumption(given);
  const time = new Date().toISOString().replaceAll(':', '-');
  const workspace = given.workspace ?? resumption?.workspace ?? join('runs', time);
  const files = runFiles(workspace, given.raportFile);
  const flags = { ...withQuarantine(given, files), imageSize: given.imageSize ?? model.resolution };
  const { batches: batchesPerUpdate, warning } = accumulationOf(flags.optimizerBatchSize, flags.batchSize);
  if (warning !== undefined) print(warning);
  const start = resumption?.training.state ?? beginning;
  const from = streamStart(start.cursor);
  const { epochs, runEpochs } = flags;
  const endEpoch = runEpochs > 0 ? Math.min(epochs, from.epoch + runEpochs) : epochs;
  const stream = trainingPipeline(dataset, flags, { epochs: endEpoch, start: from, dropLast: true, signal });
  const identity = resumption && (await identityOf(dataset, stream, flags));
  if (identity) checkIdentity(resumption, identity, flags, print);
  if (flags.useEma !== undefined) averageStep(trainer);
  checkOutliers(trainer, flags);
  return {
    data: describeData(data, dataset, flags),
    ...{ flags, dataset, validation, model, batchesPerUpdate, resumption, start, identity, endEpoch },
    ...{ stream, trainer, precision, workspace, files },
  };
}

/** Bad images are listed in the workspace, unless it is said where. */
function withQuarantine(flags: TrainFlags, { quarantine }: RunFiles): TrainFlags {
  return flags.onError === 'substitute' ? { quarantine, ...flags } : flags;
}

/** Paths as they can be found from any folder. */
function describeData(path: string, { name, length }: Dataset, { exclude }: TrainFlags): RunData {
  const files = exclude?.map((file) => resolve(file));
  return { path: resolve(path), split: 'train', ...(files && { exclude: files }), name, length };
}

/** Steps that the training will have made with this run. */
export function stepCount({ dataset, flags, start, endEpoch }: TrainSetup): number {
  const steps = Math.floor(dataset.length / flags.batchSize) * endEpoch;
  return flags.prof > 0 ? Math.min(start.cursor.step + flags.prof, steps) : steps;
}
