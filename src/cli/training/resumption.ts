import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError, ParameterError } from '../../core/errors.ts';
import type { TrainerState } from '../../core/trainer.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { datasetIdentity } from '../../engine/plan/identity.ts';
import type { Pipeline } from '../../pipeline.ts';
import { loadCheckpoint } from '../../trainers/checkpoint.ts';
import { fromMetadata, type TrainingInfo } from '../../training/checkpoint-metadata.ts';
import { differencesBetween, type RunIdentity } from '../../training/run-identity.ts';
import { referenceFlagNames } from '../flags/reference-flags.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import type { TrainFlags } from '../flags/train-flags.ts';

/** A checkpoint that a training goes on from. */
export interface Resumption {
  readonly path: string;
  /** Where the run was, and so goes on. */
  readonly workspace: string;
  readonly state: TrainerState;
  readonly training: TrainingInfo;
}

/** The file that `--resume` names itself, or by its workspace. */
export function checkpointPath({ resume, checkpointFilename }: RunFlags): string | undefined {
  if (resume === undefined) return undefined;
  const isFolder = statSync(resume, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? join(resume, checkpointFilename) : resume;
}

/** Reads the checkpoint of `--resume`; undefined without the flag. */
export async function openResumption(flags: TrainFlags): Promise<Resumption | undefined> {
  const path = checkpointPath(flags);
  if (path === undefined) return undefined;
  const { state, metadata } = await loadCheckpoint(path);
  const { training } = fromMetadata(path, metadata);
  if (training !== undefined) return { path, workspace: dirname(path), state, training };
  const reason =
    'does not say where its training stood: it has weights to evaluate, and nothing to go on from';
  throw new DataError('NOT_RESUMABLE', `${path}: ${reason}`);
}

/** Flags on which no weight depends: what is written and printed, how far a run goes, and how fast. */
const flagsWithoutInfluence: readonly string[] = [
  ...['workspace', 'raportFile', 'json', 'quiet', 'printFreq', 'logOutliers'],
  ...['preset', 'config', 'printConfig'],
  ...['resume', 'force', 'keep', 'checkpointFilename', 'checkpointSteps', 'noCheckpoints'],
  ...['runEpochs', 'prof', 'trainingOnly', 'evaluate', 'evaluateEvery', 'earlyStoppingPatience'],
  ...['workers', 'prefetch', 'gpuAdapter', 'trainer', 'tfjsBackend', 'maxBad', 'quarantine', 'sampleTimeout'],
  // what they leave out is in the digest of the dataset, as are files that were deleted
  'exclude',
  ...referenceFlagNames,
];

/** Backends that give the same stream, bit for bit. */
const equalBackends: readonly string[] = ['cpu', 'gpu', 'reference', 'pytorch', 'dali-cpu', 'dali-gpu'];

/** All flags count but those that are known not to: one that is added later is not forgotten. */
export async function identityOf(
  dataset: Dataset,
  stream: Pipeline,
  flags: TrainFlags,
): Promise<RunIdentity> {
  const { name, length } = dataset;
  const dataBackend = equalBackends.includes(flags.dataBackend) ? 'any that reads' : flags.dataBackend;
  const settings = Object.entries({ ...flags, dataBackend })
    .filter(([flag]) => !flagsWithoutInfluence.includes(flag))
    .map(([flag, value]) => [flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), value]);
  return {
    settings: Object.fromEntries(settings),
    dataset: { name, length, digest: await datasetIdentity(dataset) },
    pipelineDigest: stream.digest,
  };
}

/** Refuses to go on with what would give other weights than the training that was interrupted, unless forced. */
export function checkIdentity(
  { path, training }: Resumption,
  identity: RunIdentity,
  { force = false }: TrainFlags,
  print: (line: string) => void,
): void {
  const differences = differencesBetween(training.identity, identity);
  if (differences.length === 0) return;
  const list = differences.map((line) => `\n  ${line}`).join('');
  if (!force) {
    const message = `${path}: this is not the training it was written by:${list}\n--force goes on in spite of it`;
    throw new ParameterError('OTHER_TRAINING', message);
  }
  print(`going on with another training than ${path} was written by:${list}`);
}

/** What of the checkpoint's state the trainer can use: another optimizer starts afresh. */
export function resumedState({ state, training }: Resumption, { optimizer }: TrainFlags): TrainerState {
  if (training.identity.settings['optimizer'] === optimizer) return state;
  const { optimizer: _, ...others } = state;
  return { ...others, optimizer: {} };
}
