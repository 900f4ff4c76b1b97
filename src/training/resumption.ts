import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, ParameterError } from '../core/errors.ts';
import { rescaledGradients } from '../core/loss-scale.ts';
import type { TrainerState } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { datasetIdentity } from '../engine/plan/identity.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Quantization } from '../quantization/quantization.ts';
import { loadCheckpoint } from '../trainers/checkpoint.ts';
import { fromMetadata, type TrainingInfo } from './checkpoint-metadata.ts';
import { type CompleteOptions, trainDefaults } from './complete-options.ts';
import { otherPrecision, precisionOf, withoutPrecision } from './other-precision.ts';
import { differencesBetween, type RunIdentity } from './run-identity.ts';
import type { Options } from './setting.ts';
import { settingValues } from './settings.ts';

/** A checkpoint that a training continues from. */
export interface Resumption {
  readonly path: string;
  readonly state: TrainerState;
  readonly training: TrainingInfo;
  readonly quantization?: Quantization;
}

/** The checkpoint that `resume` names itself, or by its workspace. */
export function checkpointPath(resume: string, { checkpoints }: Pick<Options, 'checkpoints'> = {}): string {
  const { filename = trainDefaults.checkpoints.filename } = checkpoints || {};
  const isFolder = statSync(resume, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? join(resume, filename) : resume;
}

/** Reads the checkpoint that `resume` names. */
export async function openResumption(options: Options, resume: string): Promise<Resumption> {
  const path = checkpointPath(resume, options);
  const { state, metadata } = await loadCheckpoint(path);
  const { training, quantization } = fromMetadata(path, metadata);
  if (training !== undefined) return { path, state, training, ...(quantization && { quantization }) };
  const reason =
    'does not say where its training stood: its weights can be evaluated, but no training can continue from them';
  throw new DataError('NOT_RESUMABLE', `${path}: ${reason}`);
}

/** Backends that give the same stream, bit for bit. */
const equalBackends: readonly unknown[] = ['cpu', 'gpu', 'reference', 'pytorch', 'dali-cpu', 'dali-gpu'];
/** What a checkpoint says instead of their names. */
export const anyBackend = 'any that reads';

/** What makes this training the one it is. Asks for the size of every sample. */
export async function trainingIdentity(
  dataset: Dataset,
  stream: Pipeline,
  options: Options,
): Promise<RunIdentity> {
  const { name, length } = dataset;
  const values = settingValues(options, 'flag', 'decides');
  const settings = Object.entries(values).map(([flag, value]) => [
    flag,
    flag === 'data-backend' && equalBackends.includes(value) ? anyBackend : value,
  ]);
  return {
    settings: Object.fromEntries(settings),
    dataset: { name, length, digest: await datasetIdentity(dataset) },
    pipelineDigest: stream.digest,
  };
}

/**
 * Refuses to continue with what would give other weights than the training that was interrupted, unless forced. Another
 * precision is asked for on purpose, and only said.
 */
export function checkIdentity(
  { path, training }: Resumption,
  identity: RunIdentity,
  isForced: boolean,
  warn: (message: string) => void,
): void {
  const precision = precisionOf(identity);
  const converted = otherPrecision(path, training, precision);
  if (converted !== undefined) warn(converted);
  const differences =
    converted === undefined
      ? differencesBetween(training.identity, identity)
      : differencesBetween(withoutPrecision(training.identity), withoutPrecision(identity));
  if (differences.length === 0) return;
  const list = differences.map((line) => `\n  ${line}`).join('');
  if (!isForced) {
    const message = `${path}: another training wrote it:${list}\nforce (--force) continues anyway`;
    throw new ParameterError('OTHER_TRAINING', message);
  }
  warn(`continuing, although another training wrote ${path}:${list}`);
}

/**
 * What of the checkpoint's state the trainer can use: another optimizer starts afresh, float32 has no loss scale, and a training
 * that is not quantised no ranges.
 */
export function resumedState(
  { state, training }: Resumption,
  {
    optimizer: { optimizer },
    precision,
    quantization,
  }: Pick<CompleteOptions, 'optimizer' | 'precision' | 'quantization'>,
): TrainerState {
  const isSame = training.identity.settings['optimizer'] === optimizer;
  const { quant, ...rest } = state;
  const all = {
    ...rest,
    ...(quantization && quant && { quant }),
    optimizer: isSame ? state.optimizer : {},
  };
  if (precision === 'mixed') return all;
  const { lossScale, gradients, ...others } = all;
  return { ...others, ...(gradients && { gradients: rescaledGradients(state, 1) }) };
}
