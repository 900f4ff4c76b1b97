import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError, ParameterError } from '../core/errors.ts';
import { quoted } from '../core/shell.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { modelOptionsOf } from '../models/architecture.ts';
import { readMetrics } from '../workspace/metrics-reader.ts';
import { runFiles } from '../workspace/workspace.ts';
import type { RunData } from './checkpoint-metadata.ts';
import { over, trainDefaults } from './complete-options.ts';
import { anyBackend, openResumption } from './resumption.ts';
import type { Options } from './setting.ts';
import { optionsOfValues, type SettingValues, settingValues } from './settings.ts';
import type { TrainOptions } from './train-options.ts';

/** Options that say, or have been told by a record, what is trained on. */
export type OptionsWithData = Options & { readonly data: string | Dataset };

/** Fills in what the record of the run says that `resume` names; what is given goes before it. */
export async function resumedOptions(given: TrainOptions): Promise<OptionsWithData> {
  const { resume, data: own } = given;
  // checked: without resume there are data
  if (resume === undefined) return given as OptionsWithData;
  const metrics = metricsOf(resume, given);
  const { path, training } = await openResumption(merged(optionsOf(metrics?.flags ?? {}), given), resume);
  const settings = { ...metrics?.flags, ...namesOf(training.identity.settings) };
  if (settings['steps'] !== undefined && given.steps === undefined) throw inCode(path, 'steps');
  const recorded = training.data ?? metrics?.data;
  const data = own ?? pathOf(path, recorded, resume);
  if (Array.isArray(settings['sampler']) && given.stream?.sampler === undefined)
    throw inCode(path, 'sampler');
  const { exclude, subset } = recorded ?? {};
  const files = { ...(exclude && { exclude }), ...(subset && { subset }) };
  return { ...merged({ ...optionsOf(settings), ...files }, given), data };
}

/** What a run's metrics say of it. */
interface RunFacts {
  readonly flags: SettingValues;
  readonly data: RunData | undefined;
}

/** Of the latest run in the folder; undefined where there are no metrics, as beside a checkpoint that was copied. */
function metricsOf(
  resume: string,
  { metricsFile = trainDefaults.metricsFile }: TrainOptions,
): RunFacts | undefined {
  const isFolder = statSync(resume, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const path = join(isFolder ? resume : dirname(resume), metricsFile);
  if (!existsSync(path)) return undefined;
  let facts: RunFacts | undefined;
  for (const record of readMetrics(path)) {
    if (!('run.flags' in record)) continue;
    const { quarantine, ...flags } = record['run.flags'] as SettingValues;
    // the workspace's own is chosen again, with the workspace
    const isOwn = quarantine === runFiles(String(record['run.workspace'])).quarantine;
    facts = {
      flags: { ...flags, ...(!isOwn && { quarantine }) },
      data: record['run.data'] as RunData | undefined,
    };
  }
  return facts;
}

/** A checkpoint's settings by the names that metrics use. It does not tell apart backends that are equal. */
const namesOf = ({ 'data-backend': backend, steps, ...settings }: SettingValues): SettingValues => ({
  ...settingValues(optionsOfValues(settings, 'flag'), 'name', 'decides'),
  ...(backend !== anyBackend && { dataBackend: backend }),
  ...(steps !== undefined && { steps }),
});

/** Options of the training; how far the former run was to go, where it wrote and how long it waited are no matter of this one. */
function optionsOf(settings: SettingValues): Options {
  const { resume, force, workspace, runEpochs, maxSteps, rankTimeoutMs, ...options } = optionsOfValues(
    settings,
    'name',
  );
  // one part is not written down, and stays one on however many ranks
  return { parts: 1, ...options };
}

function merged(former: Options, given: TrainOptions): Options {
  const recorded = isByAnother(given.trainer, former.trainer) ? withoutPlace(former) : former;
  const { evaluation = recorded.evaluation, checkpoints = recorded.checkpoints } = given;
  const model = { ...modelOf(recorded), ...modelOf(given) };
  return {
    ...over(recorded, given),
    stream: over(recorded.stream ?? {}, given.stream),
    recipe: over(recorded.recipe ?? {}, given.recipe),
    optimizer: over(recorded.optimizer ?? {}, given.optimizer),
    lossScaling: over(recorded.lossScaling ?? {}, given.lossScaling),
    quantization: over(recorded.quantization ?? {}, given.quantization),
    schedule: over(recorded.schedule ?? {}, given.schedule),
    ...(Object.keys(model).length > 0 && { model }),
    ...(evaluation !== undefined && {
      evaluation: evaluation && over(recorded.evaluation || {}, evaluation),
    }),
    ...(checkpoints !== undefined && {
      checkpoints: checkpoints && over(recorded.checkpoints || {}, checkpoints),
    }),
  };
}

const isByAnother = (given: Options['trainer'], former: Options['trainer']): boolean =>
  given !== undefined && (typeof given === 'string' ? given : given.name) !== former;

/** Where a trainer computed is no matter of another one. */
const withoutPlace = ({ device, threads, trainerBackend, ...others }: Options): Options => others;

const modelOf = ({ model }: Options) => (model === undefined ? {} : modelOptionsOf(model));

function pathOf(record: string, data: RunData | undefined, resume: string): string {
  if (data === undefined) {
    const message = `${record}: does not say what data the run had: name them, as in millrace train <data> --resume`;
    throw new DataError('DATA_UNKNOWN', message);
  }
  const { path } = data;
  if (path === undefined) throw inCode(record, 'data');
  if (existsSync(path)) return path;
  const advice = `if they have moved: millrace train <data> --resume ${quoted(resume)}`;
  throw new DataError('MISSING_SOURCE', `${path}: the data of the run are not there; ${advice}`);
}

function inCode(record: string, what: 'data' | 'steps' | 'sampler'): ParameterError {
  const reason = `the run's ${what} ${what === 'sampler' ? 'was' : 'were'} given in code, which its record does not hold`;
  const given = what === 'sampler' ? 'stream: { sampler }' : what;
  const advice = `give ${what === 'sampler' ? 'it' : 'them'} again: train({ resume, ${given} })`;
  return new ParameterError(`${what.toUpperCase()}_IN_CODE`, `${record}: ${reason}: ${advice}`);
}
