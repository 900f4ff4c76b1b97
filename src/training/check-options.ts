import { ParameterError } from '../core/errors.ts';
import { isLossScale, lossScaleRange } from '../core/loss-scale.ts';
import { isPowerOfTwo } from '../core/power-of-two.ts';
import {
  type LossScaling,
  losses,
  optimizers,
  type Precision,
  type TrainingSettings,
} from '../core/trainer.ts';
import {
  amount,
  type Checks,
  callback,
  checkOptions,
  count,
  dataset,
  expecting,
  group,
  names,
  oneOf,
  orFalse,
  paths,
  share,
  signal,
  steps,
  text,
  textOrObject,
  truth,
} from '../streams/option-checks.ts';
import { recipeChecks, selectionChecks, sourceChecks, streamChecks } from '../streams/stream-checks.ts';
import { trainerChecks } from '../trainers/trainer-checks.ts';
import { checkClassWeights } from './class-weights.ts';
import type { CompleteOptions } from './complete-options.ts';
import { type PresetName, presets } from './preset-values.ts';
import { type CompleteQuantization, checkPercentile, quantizationChecks } from './quantization-options.ts';
import { type ScheduleOptions, schedules } from './schedule.ts';
import type { CheckpointOptions, EvaluationOptions, TrainOptions } from './train-options.ts';

export const optimizerChecks: Checks<Omit<TrainingSettings, 'classWeights'>> = {
  optimizer: oneOf(...optimizers),
  momentum: share,
  nesterov: truth,
  weightDecay: amount,
  batchNormWeightDecay: truth,
  rmspropAlpha: share,
  rmspropEpsilon: amount,
  loss: oneOf(...losses),
  labelSmoothing: share,
  emaDecay: share,
  stochasticDepth: oneOf('sample', 'batch'),
  frozen: names,
  bodyRate: amount,
};

const schedule: Checks<ScheduleOptions> = {
  schedule: oneOf(...schedules),
  base: amount,
  end: amount,
  warmup: amount,
  epochs: count,
};

const lossScaling: Checks<LossScaling> = {
  initial: expecting(lossScaleRange, isLossScale),
  growthInterval: expecting(
    'an integer >= 1, or Infinity (never)',
    (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 1),
  ),
};

const areRanks = (value: unknown): boolean => {
  const { gather, sum } = Object(value);
  return typeof gather === 'function' && typeof sum === 'function';
};

const evaluation: Checks<EvaluationOptions> = { data: dataset, every: count, patience: count };
const checkpoints: Checks<CheckpointOptions> = { filename: text, everySteps: count, keep: count };

const checks: Checks<TrainOptions> = {
  data: dataset,
  exclude: paths,
  stream: group(streamChecks),
  ...sourceChecks,
  ...selectionChecks,
  preset: oneOf(...(Object.keys(presets) as PresetName[])),
  recipe: group(recipeChecks),
  steps,
  model: textOrObject,
  pretrained: text,
  ...trainerChecks,
  lossScaling: group(lossScaling),
  quantized: truth,
  quantization: group(quantizationChecks),
  optimizer: group(optimizerChecks),
  classWeights: (_, value) => checkClassWeights(value),
  schedule: group(schedule),
  rowsPerUpdate: count,
  parts: expecting('a power of two', isPowerOfTwo),
  ranks: expecting('processes that train together: an object with gather() and sum()', areRanks),
  rankTimeoutMs: amount,
  evaluation: orFalse(group(evaluation)),
  valShare: share,
  checkpoints: orFalse(group(checkpoints)),
  workspace: text,
  metricsFile: text,
  report: truth,
  resume: text,
  force: truth,
  runEpochs: count,
  maxSteps: count,
  outliers: count,
  onMetrics: callback,
  signal,
};

/** Throws a ParameterError where an option is unknown, missing, or has a value that it cannot have. */
export function checkTrainOptions(options: TrainOptions): void {
  const isResumed = Object(options).resume !== undefined;
  checkOptions('train', options, checks, isResumed ? [] : ['data']);
  checkValIsOne('train', options);
  if (options.steps !== undefined && options.recipe !== undefined) checkSteps(options.recipe);
}

/** A loss scale without anything to scale is a mistake; in a run that is continued only its record says so. */
export function checkLossScaling({ lossScaling }: TrainOptions, precision: Precision): void {
  if (lossScaling === undefined || precision === 'mixed') return;
  const flags = '--static-loss-scale, --dynamic-loss-scale';
  const message = `train: lossScaling (${flags}) is for precision mixed (--amp), got precision ${precision}`;
  throw new ParameterError('INVALID_OPTION', message);
}

/** Of options that are complete, and of those that were given; in a run that is continued its record says that it is quantised. */
export function checkQuantization(
  { quantization, precision, pretrained, resume }: CompleteOptions,
  given: TrainOptions,
): void {
  const isUnused = quantization === undefined && given.quantization !== undefined;
  if (isUnused) throw invalid('quantization (--placement, --calibration ...) is for quantized (--quantized)');
  if (quantization === undefined) return;
  if (precision !== 'float32')
    throw invalid(
      `quantized (--quantized) is for precision float32, got ${precision}${precision === 'mixed' ? ' (--amp)' : ''}`,
    );
  checkPercentile('train', quantization);
  checkSkipping(quantization, given);
  const hasRanges = pretrained !== undefined || resume !== undefined;
  if (!quantization.skipCalibration || hasRanges) return;
  const message = 'skipCalibration (--skip-calibration) takes the ranges of a quantised file';
  throw new ParameterError(
    'NOT_CALIBRATED',
    `train: ${message}: name it by pretrained (--pretrained-from-file)`,
  );
}

/** Ranges of a file are chosen already: how they would be chosen says nothing. */
function checkSkipping(
  { skipCalibration }: CompleteQuantization,
  { quantization: { method, percentile, batches } = {} }: TrainOptions,
): void {
  if (!skipCalibration) return;
  const ways = [
    ['method (--calibration)', method],
    ['percentile (--percentile)', percentile],
    ['batches (--calibration-batches)', batches],
  ] as const;
  const way = ways.find(([, value]) => value !== undefined);
  if (way !== undefined)
    throw invalid(`${way[0]} chooses ranges, and skipCalibration (--skip-calibration) takes those of a file`);
}

const invalid = (message: string): ParameterError =>
  new ParameterError('INVALID_OPTION', `train: ${message}`);

/** Throws where two options of the function `of` say what val is. */
export function checkValIsOne(
  of: string,
  {
    evaluation,
    valShare = 0,
    fold,
  }: {
    readonly evaluation?: Pick<EvaluationOptions, 'data'> | false;
    readonly valShare?: number | undefined;
    readonly fold?: string | undefined;
  },
): void {
  const ways = [
    ...(valShare === 0 ? [] : ['valShare (--val-split)']),
    ...(fold === undefined ? [] : ['fold (--fold)']),
    ...(evaluation && evaluation.data !== undefined ? ['evaluation.data (--val-data)'] : []),
  ];
  if (ways.length < 2) return;
  const message = `${of}: ${ways.slice(0, 2).join(' and ')} both say what val is`;
  throw new ParameterError('INVALID_OPTION', `${message}: leave one out`);
}

/** Steps and a recipe's augmentation say the same thing twice; how evaluation resizes is the recipe's alone. */
function checkSteps(recipe: NonNullable<TrainOptions['recipe']>): void {
  const twice = Object.keys(recipe).filter((name) => name !== 'interpolation');
  if (twice.length === 0) return;
  const message = `train: steps say what is done to images: recipe.${twice[0]} must be left out`;
  throw new ParameterError('INVALID_OPTION', message);
}
