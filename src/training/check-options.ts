import { inspect } from 'node:util';
import { ParameterError } from '../core/errors.ts';
import { optimizers } from '../core/trainer.ts';
import { checkInteger, checkNames } from '../engine/plan/options.ts';
import { schedules } from './schedule.ts';
import type { TrainOptions } from './train-options.ts';

/** Throws a ParameterError where an option is unknown, or has a value that it cannot have. */
export function checkTrainOptions(options: TrainOptions): void {
  if (!(options instanceof Object) || options.data === undefined)
    throw invalid(`expected { data: 'photos' } or more, got ${inspect(options, { depth: 0 })}`);
  checkNames('train', options, names);
  for (const [group, known] of Object.entries(groups)) {
    const values = options[group as keyof TrainOptions];
    if (values instanceof Object) checkNames(`train: ${group}`, values, known);
  }
  if (options.steps !== undefined && options.recipe !== undefined) checkSteps(options.recipe);
  checkNumbers(options);
}

const groups = {
  stream: [
    ...[
      'batchSize',
      'backend',
      'gpuAdapter',
      'workers',
      'prefetch',
      'seed',
      'onError',
      'maxBad',
      'quarantine',
    ],
    ...['sampleTimeoutMs', 'digest'],
  ],
  recipe: ['imageSize', 'interpolation', 'cropScale', 'augmentation', 'policy', 'mixup'],
  optimizer: [
    ...['optimizer', 'momentum', 'nesterov', 'weightDecay', 'batchNormWeightDecay', 'rmspropAlpha'],
    ...['rmspropEpsilon', 'labelSmoothing', 'emaDecay', 'stochasticDepth'],
  ],
  schedule: ['schedule', 'base', 'end', 'warmup', 'epochs'],
  evaluation: ['data', 'every', 'patience'],
  checkpoints: ['filename', 'everySteps', 'keep'],
} as const satisfies Partial<Record<keyof TrainOptions, readonly string[]>>;

const alone: readonly (keyof TrainOptions)[] = [
  'data',
  'exclude',
  'steps',
  'model',
  'pretrained',
  'trainer',
  'trainerBackend',
  'precision',
  'rowsPerUpdate',
  'workspace',
  'metricsFile',
  'report',
  'resume',
  'force',
  'runEpochs',
  'maxSteps',
  'outliers',
  'onMetrics',
  'signal',
];
const names: readonly string[] = [...alone, ...Object.keys(groups)];

/** Steps and a recipe's augmentation say the same thing twice; how evaluation resizes is the recipe's alone. */
function checkSteps(recipe: NonNullable<TrainOptions['recipe']>): void {
  const twice = Object.keys(recipe).filter((name) => name !== 'interpolation');
  if (twice.length === 0) return;
  throw invalid(`steps say what is done to images: recipe.${twice[0]} must be left out`);
}

function checkNumbers(options: TrainOptions): void {
  const { optimizer = {}, schedule = {} } = options;
  const { every, patience } = options.evaluation || {};
  const { everySteps, keep } = options.checkpoints || {};
  const counts = { every, patience, everySteps, keep, epochs: schedule.epochs };
  const more = {
    maxSteps: options.maxSteps,
    runEpochs: options.runEpochs,
    rowsPerUpdate: options.rowsPerUpdate,
  };
  for (const [name, value] of Object.entries({ ...counts, ...more, outliers: options.outliers }))
    if (value !== undefined) checkInteger(`train: ${name}`, value, 1);
  const { momentum, rmspropAlpha, labelSmoothing, emaDecay } = optimizer;
  for (const [name, value] of Object.entries({ momentum, rmspropAlpha, labelSmoothing, emaDecay }))
    checkNumber(name, value, 1);
  const { weightDecay, rmspropEpsilon } = optimizer;
  const { base, end, warmup } = schedule;
  for (const [name, value] of Object.entries({ weightDecay, rmspropEpsilon, base, end, warmup }))
    checkNumber(name, value, Number.POSITIVE_INFINITY);
  checkChoice('schedule.schedule', schedule.schedule, schedules);
  checkChoice('optimizer.optimizer', optimizer.optimizer, optimizers);
}

function checkNumber(name: string, value: number | undefined, max: number): void {
  if (value === undefined || (typeof value === 'number' && value >= 0 && value <= max)) return;
  throw invalid(`${name} must be ${max === 1 ? '0..1' : 'a number of 0 or more'}, got ${inspect(value)}`);
}

function checkChoice(name: string, value: string | undefined, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value)) return;
  throw invalid(`${name} must be one of ${choices.join(', ')}, got ${inspect(value)}`);
}

const invalid = (message: string): ParameterError =>
  new ParameterError('INVALID_OPTION', `train: ${message}`);
