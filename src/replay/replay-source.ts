import { existsSync } from 'node:fs';
import { DataError, ParameterError } from '../core/errors.ts';
import { quoted } from '../core/shell.ts';
import type { Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { sourceOptionsOf } from '../datasets/opening/source-kind.ts';
import { isShardList } from '../datasets/tar/chosen-shards.ts';
import { modelFor } from '../models/architecture.ts';
import { isRemote } from '../remote/remote-file.ts';
import { trainingSteps } from '../streams/training-steps.ts';
import { type CompleteOptions, completeOptions, trainDefaults } from '../training/complete-options.ts';
import { rowsOf } from '../training/parts/step-rows.ts';
import { type RecordedStep, recordedStep } from '../training/recorded-run.ts';
import { openTrainingData } from '../training/training-data.ts';
import { defaultMetricsFile } from '../workspace/workspace.ts';
import { replayLine, stepLine } from './command-lines.ts';
import type { ReplayContext } from './page-parts.ts';
import type { ReplayOptions } from './replay-options.ts';
import { differences } from './stream-differences.ts';
import { type Fact, shortNumber } from './words.ts';

/** A stream and a place in it, as options name it or a run's record. */
export interface ReplaySource {
  readonly dataset: Dataset;
  readonly steps: readonly Step[];
  readonly stream: CompleteOptions['stream'];
  readonly place: { readonly epoch: number; readonly batch: number };
  readonly context: ReplayContext;
}

export async function openReplaySource(given: ReplayOptions): Promise<ReplaySource> {
  const { from, step, epoch = 0, batch = 0, row, metricsFile = defaultMetricsFile } = given;
  const isPlaced = given.epoch !== undefined || given.batch !== undefined;
  if (step !== undefined && (from === undefined || isPlaced))
    throw new ParameterError(
      'INVALID_OPTION',
      'step (--step) needs from (--from), and stands for epoch and batch',
    );
  const recorded = from === undefined ? undefined : await recordedStep(from, metricsFile, step);
  const data = given.data ?? recorded?.run.data.path;
  if (data === undefined) throw new ParameterError('INVALID_OPTION', 'replay: needs <data>, or --from <run>');
  if (given.data === undefined) checkStillThere(data, from);
  const asked = completeOptions({ ...optionsOf(given, recorded), data });
  const { dataset } = await openTrainingData({ ...asked, evaluation: false }, given.onMessage ?? (() => {}));
  const options = withImageSize(asked, dataset);
  const steps = options.steps ?? trainingSteps(options.recipe);
  const place = recorded === undefined || isPlaced ? { epoch, batch } : placeOf(recorded);
  const isOfStep = recorded !== undefined && !isPlaced;
  return {
    ...{ dataset, steps, stream: streamOfSteps(options), place },
    context: {
      dataset,
      warnings:
        recorded === undefined
          ? []
          : await differences(recorded, dataset, steps, { ...options, stream: streamOfSteps(options) }),
      facts: isOfStep ? factsOf(recorded) : [],
      labelSmoothing: options.optimizer.labelSmoothing,
      commands: [
        ...(isOfStep ? stepLine(given, recorded.place.step) : []),
        ...replayLine(options, place, row),
      ],
    },
  };
}

/** Data that are no longer where the run had them can be named. */
function checkStillThere(path: string | Dataset, from = ''): void {
  if (typeof path !== 'string' || existsSync(path) || isShardList(path) || isRemote(path)) return;
  const advice = `if they have moved: millrace replay <data> --from ${quoted(from)}`;
  throw new DataError('MISSING_SOURCE', `${path}: the data of the run are not there; ${advice}`);
}

const placeOf = ({ place: { epoch, batch } }: RecordedStep) => ({ epoch, batch });

/** What the run's record says; what is given goes before it. */
function optionsOf(given: ReplayOptions, recorded: RecordedStep | undefined) {
  const { options = {}, hasOwnSteps = false } = recorded?.run ?? {};
  if (hasOwnSteps && given.steps === undefined) {
    const reason = 'its steps were given in code, which its record does not hold';
    throw new ParameterError('STEPS_IN_CODE', `${recorded?.path}: ${reason}: give them to replay({ steps })`);
  }
  const { subset = options.subset, onlyClasses = options.onlyClasses, fold = options.fold } = given;
  const { exclude = options.exclude, valShare = options.valShare, model = options.model, force } = given;
  const { parts = options.parts } = given;
  return {
    ...{ exclude, valShare, parts, subset, onlyClasses, fold, ...sourceOptionsOf(given, options) },
    ...{ ...(force !== undefined && { force }), ...(model && { model }) },
    ...(given.steps && { steps: given.steps }),
    stream: { ...streamOf(options.stream ?? {}), ...given.stream },
    recipe: { ...options.recipe, ...given.recipe },
    optimizer: { ...options.optimizer, ...given.optimizer },
  };
}

/** A step is replayed as one batch, whatever its parts were. */
const streamOfSteps = (options: CompleteOptions): CompleteOptions['stream'] => ({
  ...options.stream,
  batchSize: rowsOf(options).step,
});

/** Without how fast batches were made, on a machine that need not be this one, and what was written down. */
const streamOf = ({
  workers: _workers,
  prefetch: _prefetch,
  gpuAdapter: _adapter,
  sampleTimeoutMs: _timeout,
  quarantine: _quarantine,
  ...others
}: Partial<CompleteOptions['stream']>) => others;

/** As train chooses it. */
function withImageSize(options: CompleteOptions, { classes }: Dataset) {
  const { imageSize = modelFor(options.model ?? trainDefaults.model, classes.length).resolution } =
    options.recipe;
  return { ...options, recipe: { ...options.recipe, imageSize } };
}

function factsOf({ place, metrics }: RecordedStep): Fact[] {
  const loss = metrics?.['train.loss'];
  const rate = metrics?.['train.lr'];
  return [
    ['step', String(place.step)],
    ...(typeof loss === 'number' ? [['batch loss', shortNumber(loss)] as Fact] : []),
    ...(typeof rate === 'number' ? [['learning rate', shortNumber(rate)] as Fact] : []),
  ];
}
