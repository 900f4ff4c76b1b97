import { describeStep } from '../core/step.ts';
import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { shownSource } from '../datasets/opening/source-path.ts';
import { samplerIdentity } from '../engine/order/samplers/sampler.ts';
import type { BadBudget } from '../engine/order/substitution.ts';
import { architectureOf, variantOf } from '../models/architecture.ts';
import type { Padding, Variant } from '../models/scaling.ts';
import { fromAnyFolder, type SamplerChoice } from '../streams/sampler-choice.ts';
import { readClassWeights, sortedClassWeights } from './class-weights.ts';
import {
  alone,
  inGroup,
  type Options,
  ofModel,
  ofPrecision,
  ofRecipe,
  ofStream,
  pacingRanks,
  type Setting,
  setting,
  switchedOff,
  withoutInfluence,
} from './setting.ts';

/** -1 is how NVIDIA's scripts switch an option off. */
const orOff = {
  write: (value: number | undefined) => value ?? -1,
  read: (value: number) => (value === -1 ? undefined : value),
};
/** NVIDIA's scripts know two: never, which is not written down, and this one. */
const DYNAMIC_INTERVAL = 100;
const asSwitch = {
  write: (interval: number | undefined) =>
    interval === DYNAMIC_INTERVAL || (Number.isFinite(interval) ? interval : undefined),
  read: (value: number | boolean) => {
    if (typeof value === 'number') return value;
    return value ? DYNAMIC_INTERVAL : Number.POSITIVE_INFINITY;
  },
};
/** A switch that is off is not written down. */
const onlyTrue = { write: (value: boolean | undefined) => value || undefined };
/** The padding that all models had once is not written down. */
const onlySame = { write: (padding: Padding | undefined) => (padding === 'same' ? padding : undefined) };
/** An empty list is not written down: it changes nothing. */
const orNobody = { write: (list: readonly string[] | undefined) => (list?.length ? list : undefined) };
/** Nor is what changes nothing, such as a factor of 1, and what was so before there was a choice. */
const unless = (usual: string | number) => ({
  write: (value: string | number | undefined) => (value === usual ? undefined : value),
});
const orAlike = unless(1);
const inSeconds = {
  write: (ms: number | undefined) => ms && ms / 1000,
  read: (seconds: number) => seconds * 1000,
};
/** What is no count goes on as it was typed, to be checked and named as a share. */
const asBudget = {
  write: (budget: BadBudget | undefined) => budget?.toString(),
  read: (budget: string) => (/^\d+$/.test(budget) ? Number(budget) : budget),
};
const nameOrModule = {
  write: (trainer: string | Trainer | undefined) => (typeof trainer === 'object' ? trainer.name : trainer),
};
/** One given in code is code, of which this is only the description. */
const orDescription = {
  write: (sampler: SamplerChoice | undefined) =>
    typeof sampler === 'object' ? samplerIdentity(sampler) : sampler && fromAnyFolder(sampler),
};
/** A share of 0 is none. */
const orNone = unless(0);
/** Data given in code have no path to be written down, and an address is written without what gives access to it. */
const onlyPath = {
  write: (data: string | Dataset | undefined) => (typeof data === 'string' ? shownSource(data) : undefined),
};

/** All settings, in the order in which checkpoints say them. */
const settings: readonly Setting[] = [
  ofModel('variant', 'arch', {
    write: (variant: Variant = 'b0') => architectureOf(variant),
    read: variantOf,
  }),
  inGroup('schedule', 'epochs', 'epochs'),
  inGroup('schedule', 'base', 'lr'),
  inGroup('schedule', 'schedule', 'lr-schedule', { name: 'lrSchedule' }),
  inGroup('schedule', 'end', 'end-lr', { name: 'endLr' }),
  inGroup('schedule', 'warmup', 'warmup'),
  alone('rowsPerUpdate', 'optimizer-batch-size', { name: 'optimizerBatchSize', ...orOff }),
  ...ofStream([alone('parts', 'parts', orAlike)]),
  inGroup('optimizer', 'optimizer', 'optimizer'),
  inGroup('optimizer', 'momentum', 'momentum'),
  inGroup('optimizer', 'weightDecay', 'weight-decay', { name: 'weightDecay' }),
  inGroup('optimizer', 'rmspropAlpha', 'rmsprop-alpha', { name: 'rmspropAlpha' }),
  inGroup('optimizer', 'rmspropEpsilon', 'rmsprop-eps', { name: 'rmspropEps' }),
  inGroup('optimizer', 'labelSmoothing', 'label-smoothing', { name: 'labelSmoothing' }),
  // the one that all had once is not written down
  inGroup('optimizer', 'loss', 'loss', unless('cross-entropy')),
  alone('classWeights', 'class-weights', {
    ...{ name: 'classWeights', write: sortedClassWeights, read: readClassWeights },
  }),
  inGroup('optimizer', 'stochasticDepth', 'stochastic-depth', { name: 'stochasticDepth' }),
  ...ofStream([
    inGroup('stream', 'backend', 'data-backend', { name: 'dataBackend' }),
    inGroup('stream', 'batchSize', 'batch-size', { name: 'batchSize' }),
    inGroup('stream', 'seed', 'seed'),
    inGroup('stream', 'onError', 'on-error', { name: 'onError' }),
    inGroup('recipe', 'interpolation', 'interpolation'),
    ofRecipe('augmentation', 'augmentation'),
    ofRecipe('policy', 'policy'),
    ofRecipe('translate', 'translate'),
    ofRecipe('mixup', 'mixup'),
    inGroup('recipe', 'imageSize', 'image-size', { name: 'imageSize' }),
    ofRecipe('cropScale', 'crop-scale', { name: 'cropScale' }),
    ofRecipe('trainInterpolation', 'train-interpolation', { name: 'trainInterpolation' }),
    ofRecipe('autoAugment', 'auto-augment', { name: 'autoAugment' }),
    ofRecipe('colorJitter', 'color-jitter', { name: 'colorJitter', ...orNone }),
    ofRecipe('randomErase', 'random-erase', { name: 'randomErase', ...orNone }),
    ofRecipe('eraseMode', 'erase-mode', { name: 'eraseMode', ...unless('constant') }),
    ofRecipe('cutmix', 'cutmix', orNone),
    ofRecipe('cutmixBox', 'cutmix-box', { name: 'cutmixBox', ...unless('torchvision') }),
    ofRecipe('mixProb', 'mix-prob', { name: 'mixProb', ...orAlike }),
    ofRecipe('mixSwitchProb', 'mix-switch-prob', { name: 'mixSwitchProb', ...unless(0.5) }),
    ofRecipe('mixMode', 'mix-mode', { name: 'mixMode', ...unless('batch') }),
  ]),
  ...ofStream([alone('valShare', 'val-split', { name: 'valSplit', ...orNone })]),
  ...ofStream([alone('fold', 'fold'), alone('onlyClasses', 'only-classes', { name: 'onlyClasses' })]),
  ofModel('width', 'width'),
  ofModel('depth', 'depth'),
  ofModel('stemStride', 'stem-stride', { name: 'stemStride' }),
  ofModel('classes', 'num-classes', { name: 'numClasses' }),
  ofModel('dropout', 'dropout'),
  ofModel('finalSurvival', 'survival-prob', { name: 'survivalProb' }),
  ofModel('batchNormMomentum', 'bn-momentum', { name: 'bnMomentum' }),
  ofModel('batchNormEpsilon', 'bn-epsilon', { name: 'bnEpsilon' }),
  ofModel('convolutionInit', 'conv-init', { name: 'convInit' }),
  ofModel('padding', 'padding', onlySame),
  ofModel('wideSqueeze', 'wide-squeeze', { name: 'wideSqueeze' }),
  inGroup('optimizer', 'nesterov', 'nesterov', onlyTrue),
  inGroup('optimizer', 'batchNormWeightDecay', 'bn-weight-decay', { name: 'bnWeightDecay', ...onlyTrue }),
  inGroup('optimizer', 'emaDecay', 'use-ema', { name: 'useEma' }),
  inGroup('optimizer', 'frozen', 'freeze', orNobody),
  inGroup('optimizer', 'bodyRate', 'body-lr', { name: 'bodyLr', ...orAlike }),
  ofPrecision('tf32', 'tf32'),
  ofPrecision('mixed', 'amp'),
  inGroup('lossScaling', 'initial', 'static-loss-scale', { name: 'staticLossScale' }),
  inGroup('lossScaling', 'growthInterval', 'dynamic-loss-scale', { name: 'dynamicLossScale', ...asSwitch }),
  alone('quantized', 'quantized', onlyTrue),
  inGroup('quantization', 'placement', 'placement'),
  inGroup('quantization', 'method', 'calibration'),
  inGroup('quantization', 'percentile', 'percentile'),
  inGroup('quantization', 'batches', 'calibration-batches', { name: 'calibrationBatches' }),
  inGroup('quantization', 'levels', 'levels'),
  inGroup('quantization', 'skipCalibration', 'skip-calibration', { name: 'skipCalibration', ...onlyTrue }),
  inGroup('quantization', 'fixedEpochs', 'fixed-bn-epochs', { name: 'fixedBnEpochs' }),
  alone('pretrained', 'pretrained-from-file', { name: 'pretrainedFromFile' }),
  ...ofStream([
    alone('imageMember', 'image-member', { name: 'imageMember' }),
    alone('labelKey', 'label-key', { name: 'labelKey' }),
    alone('labelSeparator', 'label-separator', { name: 'labelSeparator' }),
    alone('labelOffset', 'label-offset', { name: 'labelOffset' }),
    alone('coarse', 'coarse', onlyTrue),
    inGroup('stream', 'repeats', 'ra-reps', { name: 'raReps', ...orAlike }),
    inGroup('stream', 'sampler', 'sampler', orDescription),
    inGroup('stream', 'samplesPerEpoch', 'samples-per-epoch', { name: 'samplesPerEpoch' }),
  ]),
  inGroup('stream', 'digest', 'digest', onlyTrue),
  setting(
    'steps',
    {},
    {
      get: ({ steps }) => steps?.map((step) => step[describeStep]),
      // steps are code, of which this is only the description
      set: (options) => options,
    },
  ),
  ...withoutInfluence([
    alone('trainer', 'trainer', nameOrModule),
    alone('device', 'device'),
    alone('threads', 'threads'),
    alone('rankTimeoutMs', 'rank-timeout', { name: 'rankTimeout', ...inSeconds }),
    alone('trainerBackend', 'tfjs-backend', { name: 'tfjsBackend' }),
    inGroup('stream', 'workers', 'workers'),
    inGroup('stream', 'prefetch', 'prefetch'),
    inGroup('stream', 'gpuAdapter', 'gpu-adapter', { name: 'gpuAdapter' }),
    inGroup('stream', 'sampleTimeoutMs', 'sample-timeout', { name: 'sampleTimeout', ...inSeconds }),
    ...pacingRanks([inGroup('stream', 'maxBad', 'max-bad', { name: 'maxBad', ...asBudget })]),
    inGroup('stream', 'quarantine', 'quarantine'),
    // what they leave out is in the digest of the dataset, as are files that were deleted
    ...ofStream([alone('exclude', 'exclude'), alone('subset', 'subset')]),
    // the digest says what is there
    alone('imageRoot', 'image-root', { name: 'imageRoot' }),
    alone('cache', 'cache'),
    alone('cacheLimit', 'cache-limit', { name: 'cacheLimit' }),
    inGroup('evaluation', 'data', 'val-data', { name: 'valData', ...onlyPath }),
    ...pacingRanks([
      inGroup('evaluation', 'every', 'evaluate-every', { name: 'evaluateEvery' }),
      inGroup('evaluation', 'patience', 'early-stopping-patience', {
        ...{ name: 'earlyStoppingPatience', ...orOff },
      }),
      switchedOff('evaluation', 'training-only', 'trainingOnly'),
    ]),
    inGroup('checkpoints', 'filename', 'checkpoint-filename', { name: 'checkpointFilename' }),
    ...pacingRanks([
      inGroup('checkpoints', 'everySteps', 'checkpoint-steps', { name: 'checkpointSteps', ...orOff }),
    ]),
    inGroup('checkpoints', 'keep', 'keep'),
    ...pacingRanks([switchedOff('checkpoints', 'no-checkpoints', 'noCheckpoints')]),
    alone('workspace', 'workspace'),
    alone('metricsFile', 'raport-file', { name: 'raportFile' }),
    alone('resume', 'resume'),
    alone('force', 'force', onlyTrue),
    ...pacingRanks([
      alone('runEpochs', 'run-epochs', { name: 'runEpochs', ...orOff }),
      alone('maxSteps', 'prof', orOff),
      alone('outliers', 'log-outliers', { name: 'logOutliers' }),
    ]),
  ]),
];

/** A setting's name: the flag's, or the one that it has in code. */
type NameOf = 'flag' | 'name';

/** Values of settings by one of their names, as plain data; without those that are left out. */
export type SettingValues = Readonly<Record<string, unknown>>;

/** Which settings: all, or those of which one thing is true. */
type Which = 'all' | 'decides' | 'shapesStream' | 'pacesRanks';

/** Settings of a training, as plain data. */
export function settingValues(options: Options, by: NameOf, which: Which = 'all'): SettingValues {
  const values = settings
    .filter((one) => which === 'all' || one[which])
    .map((one) => [one[by], one.get(options)])
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(values);
}

/** The options that these values say. What has another name than a setting's is passed over. */
export function optionsOfValues(values: SettingValues, by: NameOf): Options {
  return settings
    .filter((one) => values[one[by]] !== undefined)
    .reduce<Options>((options, one) => one.set(options, values[one[by]]), {});
}
