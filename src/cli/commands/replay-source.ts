import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { DataError, ParameterError } from '../../core/errors.ts';
import { quoted } from '../../core/shell.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { ReplayContext } from '../../replay/page-parts.ts';
import { type Fact, shortNumber } from '../../replay/words.ts';
import { type RecordedStep, recordedStep } from '../../training/recorded-run.ts';
import { commandOf } from '../flags/command-line.ts';
import { trainingPipeline } from '../flags/data-flags.ts';
import { makeModel } from '../flags/model-flags.ts';
import { openData } from '../flags/open-data.ts';
import type { ReplayFlags } from '../flags/replay-flags.ts';
import { defaultTrainFlags, type TrainFlags } from '../flags/train-flags.ts';
import { identityOf } from '../training/resumption.ts';

/** A stream and a place in it, as flags name it or a run's record. */
export interface ReplaySource {
  readonly dataset: Dataset;
  /** With the size of the images filled in. */
  readonly flags: TrainFlags;
  readonly place: { readonly epoch: number; readonly batch: number };
  readonly context: ReplayContext;
}

export async function openReplaySource(
  data: string | undefined,
  given: ReplayFlags,
  command: Command,
  log: (line: string) => void,
): Promise<ReplaySource> {
  const { from, step, epoch = 0, batch = 0, row } = given;
  const isPlaced = given.epoch !== undefined || given.batch !== undefined;
  if (step !== undefined && (from === undefined || isPlaced))
    throw new ParameterError('INVALID_OPTION', '--step: needs --from, and stands for --epoch and --batch');
  const recorded = from === undefined ? undefined : await recordedStep(from, given.raportFile, step);
  const path = data ?? recorded?.run.data.path;
  if (path === undefined) throw new ParameterError('INVALID_OPTION', 'replay: needs <data>, or --from <run>');
  const asked = recorded === undefined ? given : flagsOfRun(recorded, command);
  if (data === undefined) checkStillThere(path, given.from);
  const dataset = openData(path, { split: 'train' }, asked, log);
  const flags = withImageSize(asked, dataset);
  const place = recorded === undefined || isPlaced ? { epoch, batch } : placeOf(recorded);
  return {
    ...{ dataset, flags, place },
    context: {
      dataset,
      warnings: recorded === undefined ? [] : await differences(recorded, dataset, flags, given.force),
      facts: recorded === undefined || isPlaced ? [] : factsOf(recorded),
      labelSmoothing: flags.labelSmoothing,
      commands: [
        ...(recorded === undefined || isPlaced ? [] : [commandOfStep(data, given, recorded)]),
        commandOf('replay', path, flags, { ...place, row, ...smoothing(flags) }),
      ],
    },
  };
}

/** It decides no batch, but what the page says of the label. */
function smoothing({ labelSmoothing }: TrainFlags): Readonly<Record<string, number>> {
  return labelSmoothing === defaultTrainFlags().labelSmoothing ? {} : { 'label-smoothing': labelSmoothing };
}

/** Data that are no longer where the run had them can be named. */
function checkStillThere(path: string, from = ''): void {
  if (existsSync(path)) return;
  const advice = `if they have moved: millrace replay <data> --from ${quoted(from)}`;
  throw new DataError('MISSING_SOURCE', `${path}: the data of the run are not there; ${advice}`);
}

const placeOf = ({ place: { epoch, batch } }: RecordedStep) => ({ epoch, batch });

/** The command line that asks for the same by the run's record. */
function commandOfStep(
  data: string | undefined,
  { from = '', row, force }: ReplayFlags,
  { place }: RecordedStep,
): string {
  const words = [...(data === undefined ? [] : [data]), '--from', from, '--step', String(place.step)];
  if (row !== undefined) words.push('--row', String(row));
  if (force) words.push('--force');
  return ['millrace', 'replay', ...words].map((word) => quoted(word)).join(' ');
}

/** As train chooses it. */
function withImageSize(flags: TrainFlags, { classes }: Dataset): TrainFlags {
  return { ...flags, imageSize: flags.imageSize ?? makeModel(flags, classes.length).resolution };
}

/** Flags of how fast batches were made, on a machine that need not be this one, and of what was written down. */
const ofThatRun: readonly string[] = ['workers', 'prefetch', 'gpuAdapter', 'sampleTimeout', 'quarantine'];

/** The run's flags; what is given with the command goes before them. */
function flagsOfRun({ run }: RecordedStep, command: Command): TrainFlags {
  const isGiven = (name: string) => ['cli', 'config'].includes(command.getOptionValueSource(name) ?? '');
  const given = Object.entries(command.opts()).filter(([name]) => isGiven(name));
  const recorded = Object.entries(run.flags).filter(([name]) => !ofThatRun.includes(name));
  return { ...defaultTrainFlags(), ...Object.fromEntries(recorded), ...Object.fromEntries(given) };
}

/** In what the stream is another than the run's: an error, or a warning where it is forced. */
async function differences(
  { run, path }: RecordedStep,
  dataset: Dataset,
  flags: TrainFlags,
  isForced = false,
): Promise<string[]> {
  const stream = trainingPipeline(dataset, flags, { dropLast: dataset.length >= flags.batchSize });
  const pipelineDigest = stream.digest;
  const identity = run.datasetDigest === undefined ? undefined : await identityOf(dataset, stream, flags);
  const digest = identity?.dataset.digest;
  const describe = (name: string, length: number, of: string | undefined) =>
    `${name} of ${length} images${of === undefined ? '' : ` (digest ${of.slice(0, 12)})`}`;
  const was = describe(run.data.name, run.data.length, run.datasetDigest);
  const is = describe(dataset.name, dataset.length, digest);
  const found: string[] = [];
  if (dataset.length !== run.data.length || digest !== run.datasetDigest)
    found.push(`the dataset was ${was}, is ${is}`);
  if (pipelineDigest !== run.pipelineDigest)
    found.push(
      `the pipeline's digest was ${run.pipelineDigest.slice(0, 12)}, is ${pipelineDigest.slice(0, 12)}`,
    );
  if (found.length === 0) return digest === undefined ? [judgedByLength] : [];
  const message = `${path}: this is not the stream that the run saw: ${found.join('; ')}`;
  if (!isForced) throw new ParameterError('OTHER_STREAM', `${message}. --force shows it in spite of that`);
  return [message];
}

const judgedByLength =
  'The run wrote no digest of its dataset, as it kept no weights: whether it is the same was judged by its length.';

function factsOf({ place, metrics }: RecordedStep): Fact[] {
  const loss = metrics?.['train.loss'];
  const rate = metrics?.['train.lr'];
  return [
    ['step', String(place.step)],
    ...(typeof loss === 'number' ? [['batch loss', shortNumber(loss)] as Fact] : []),
    ...(typeof rate === 'number' ? [['learning rate', shortNumber(rate)] as Fact] : []),
  ];
}
