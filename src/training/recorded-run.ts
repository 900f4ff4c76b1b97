import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, ParameterError, reasonOf } from '../core/errors.ts';
import { batchesPerEpoch } from '../engine/order/sampling.ts';
import { loadCheckpoint } from '../trainers/checkpoint.ts';
import { type MetricsRecord, readMetrics } from '../workspace/metrics-reader.ts';
import { fromMetadata, type RunData } from './checkpoint-metadata.ts';
import { trainDefaults } from './complete-options.ts';
import { anyBackend } from './resumption.ts';
import { streamStart } from './run-state.ts';
import type { Options } from './setting.ts';
import { optionsOfValues, type SettingValues } from './settings.ts';

/** What a run's record says of its stream: enough to ask for any of its batches again. */
export interface RecordedRun {
  readonly data: RunData;
  /** The run's options: those, at least, on which the stream depends. */
  readonly options: Options;
  /** Whether its pipeline had steps given in code, which no record can give back. */
  readonly hasOwnSteps: boolean;
  readonly pipelineDigest: string;
  /** Undefined where the run had no reason to compute it. */
  readonly datasetDigest: string | undefined;
  /** A step of which it is known where in the stream it stands. */
  readonly known: StepPlace;
  readonly firstStep: number;
  readonly lastStep: number;
}

/** A step, and the batch that it was made with. */
export interface StepPlace {
  readonly step: number;
  readonly epoch: number;
  readonly batch: number;
}

/** A step of a run. */
export interface RecordedStep {
  /** File with the run's record. */
  readonly path: string;
  readonly run: RecordedRun;
  readonly place: StepPlace;
  /** Where they were written. */
  readonly metrics: MetricsRecord | undefined;
}

interface Runs {
  /** In the order in which they went on with each other. */
  readonly runs: readonly RecordedRun[];
  readonly metrics: MetricsRecord | undefined;
}

/**
 * Finds a step in the metrics of a run, in those in its workspace, or in a checkpoint.
 *
 * @param metricsFile name of the metrics in a workspace
 * @param step left out: the last that the record knows of
 */
export async function recordedStep(
  path: string,
  metricsFile: string,
  step: number | undefined,
): Promise<RecordedStep> {
  const file = readable(path, () => fileOf(path, metricsFile));
  const { runs, metrics } = readable(file, () => isCheckpoint(file))
    ? { runs: [await runOfCheckpoint(file)], metrics: undefined }
    : runsOfMetrics(file, step);
  const asked = step ?? runs.at(-1)?.lastStep ?? -1;
  // what was made again after a run was resumed takes the place of the former
  const run = runs.findLast(({ firstStep, lastStep }) => asked >= firstStep && asked <= lastStep);
  if (run === undefined) throw noSuchStep(file, runs, asked);
  return { path: file, run, place: placeOf(run, asked), metrics };
}

function fileOf(path: string, metricsFile: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new DataError('MISSING_RUN', `${path}: no such file or folder`);
  if (!stats.isDirectory()) return path;
  const file = join(path, metricsFile);
  if (existsSync(file)) return file;
  throw new DataError('MISSING_RUN', `${path}: not the workspace of a run: there is no ${metricsFile} in it`);
}

/** What the system says of a file that it does not give. */
function readable<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const reason = `the run's record cannot be read: ${reasonOf(cause)}`;
    throw new DataError('MISSING_RUN', `${path}: ${reason}`, { cause });
  }
}

/** Metrics begin with a brace; a checkpoint has the length of its header before that. */
function isCheckpoint(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(9);
    return readSync(file, head, 0, head.length, 0) === head.length && head[0] !== BRACE && head[8] === BRACE;
  } finally {
    closeSync(file);
  }
}

const BRACE = 0x7b;

async function runOfCheckpoint(path: string): Promise<RecordedRun> {
  const { training } = fromMetadata(path, (await loadCheckpoint(path)).metadata);
  if (training?.data === undefined) throw withoutData(path);
  const { data, identity, state } = training;
  const { step } = state.cursor;
  const { epoch, batch } = streamStart(state.cursor);
  return {
    data,
    ...optionsOfRecord(identity.settings, 'flag', data),
    pipelineDigest: identity.pipelineDigest,
    datasetDigest: identity.dataset.digest,
    known: { step, epoch, batch },
    ...{ firstStep: 0, lastStep: step - 1 },
  };
}

/** What a record says of the options. Of backends that are equal a checkpoint does not say which: any will do. */
function optionsOfRecord(
  { 'data-backend': backend, ...values }: SettingValues,
  by: 'flag' | 'name',
  { exclude, subset }: RunData,
): Pick<RecordedRun, 'options' | 'hasOwnSteps'> {
  const known = backend === anyBackend ? values : { ...values, 'data-backend': backend };
  return {
    // where the files are that were left out, seen from any folder
    options: { ...optionsOfValues(known, by), ...(exclude && { exclude }), ...(subset && { subset }) },
    hasOwnSteps: values['steps'] !== undefined,
  };
}

/** The latest training of a metrics file: the run that began it, and those that were resumed. */
function runsOfMetrics(path: string, step: number | undefined): Runs {
  let runs: RecordedRun[] = [];
  let metrics: MetricsRecord | undefined;
  for (const record of readMetrics(path)) {
    if ('run.started' in record) {
      runs = [];
      metrics = undefined;
    }
    if ('run.flags' in record) runs.push(runOfRecord(path, record));
    const run = runs.at(-1);
    if (run === undefined) continue;
    const { step: made, 'dataset.digest': digest } = record;
    // one that kept no weights writes it at its end, with --digest
    if (typeof digest === 'string') runs[runs.length - 1] = { ...run, datasetDigest: digest };
    if (typeof made !== 'number') continue;
    runs[runs.length - 1] = { ...run, lastStep: made };
    if (step === undefined || made === step) metrics = record;
  }
  if (runs.length === 0) throw withoutData(path);
  return { runs, metrics };
}

function runOfRecord(path: string, record: MetricsRecord): RecordedRun {
  const data = record['run.data'] as RunData | undefined;
  const known = record['run.place'] as StepPlace | undefined;
  if (data === undefined || known === undefined) throw withoutData(path);
  return {
    data,
    ...optionsOfRecord(record['run.flags'] as SettingValues, 'name', data),
    pipelineDigest: String(record['pipeline.digest']),
    datasetDigest: record['dataset.digest'] as string | undefined,
    known,
    ...{ firstStep: known.step, lastStep: known.step - 1 },
  };
}

/** Steps follow one another through the epochs, whose last, incomplete batches are left out. */
function placeOf({ known, data, options }: RecordedRun, step: number): StepPlace {
  const { batchSize = trainDefaults.stream.batchSize } = options.stream ?? {};
  const order = { batchSize, worldSize: options.parts ?? 1, rank: 0, dropLast: true };
  const batches = batchesPerEpoch({ length: data.samplesPerEpoch ?? data.length, ...order });
  const place = known.epoch * batches + known.batch + (step - known.step);
  return { step, epoch: Math.floor(place / batches), batch: place % batches };
}

function noSuchStep(path: string, runs: readonly RecordedRun[], step: number): ParameterError {
  const made = runs.filter(({ firstStep, lastStep }) => lastStep >= firstStep);
  const [first, last] = [made[0]?.firstStep, Math.max(...made.map(({ lastStep }) => lastStep))];
  const message =
    first === undefined ? 'the run has made no step yet' : `its steps are ${first} to ${last}, got ${step}`;
  return new ParameterError('NO_SUCH_STEP', `${path}: ${message}`);
}

function withoutData(path: string): DataError {
  const reason = 'does not say what data and flags the run had, so its batches cannot be asked for';
  const advice = 'name data, flags, --epoch and --batch instead';
  return new DataError('NOT_REPLAYABLE', `${path}: ${reason}: ${advice}`);
}
