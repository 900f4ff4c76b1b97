import type { LossScaling, TrainingSettings } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { alone, type Ranks } from '../ranks/ranks.ts';
import { defaultRecipe, type Recipe } from '../streams/recipe.ts';
import type { StreamOptions } from '../streams/stream-options.ts';
import { defaultTrainer } from '../trainers/device.ts';
import { defaultMetricsFile } from '../workspace/workspace.ts';
import { preset } from './presets.ts';
import { type CompleteQuantization, completeQuantization } from './quantization-options.ts';
import { type ScheduleOptions, warmupOfDefault } from './schedule.ts';
import type { Options } from './setting.ts';
import type { CheckpointOptions, EvaluationOptions } from './train-options.ts';

/** A training's options with all defaults filled in. */
export interface CompleteOptions extends Omit<Options, Filled | 'quantization'> {
  readonly data: string | Dataset;
  readonly stream: StreamOptions & Required<Pick<StreamOptions, FixedStream>>;
  /** Its size is that of the images only once the model is known. */
  readonly recipe: Omit<Recipe, 'imageSize'> & { readonly imageSize?: number };
  readonly model: NonNullable<Options['model']>;
  readonly trainer: NonNullable<Options['trainer']>;
  readonly device: NonNullable<Options['device']>;
  readonly precision: NonNullable<Options['precision']>;
  /** Of precision 'mixed'. */
  readonly lossScaling: LossScaling | undefined;
  readonly optimizer: TrainingSettings;
  /** Of a quantised training. */
  readonly quantization: CompleteQuantization | undefined;
  readonly schedule: ScheduleOptions;
  readonly evaluation: (EvaluationOptions & Required<Pick<EvaluationOptions, 'every'>>) | false;
  readonly checkpoints: (CheckpointOptions & Required<Pick<CheckpointOptions, 'filename' | 'keep'>>) | false;
  readonly metricsFile: string;
  /** Parts that each step is the sum of. */
  readonly parts: number;
  readonly ranks: Ranks;
  /** Of the machine, where other ranks share it. */
  readonly share?: MachineShare | undefined;
}

/** What of its machine a rank uses, where nothing else is asked for. */
export interface MachineShare {
  readonly cores: number;
  /** Of several GPUs, as a pipeline's `gpuAdapter`. */
  readonly gpuAdapter?: string;
}

type Filled = keyof typeof trainDefaults | 'parts';
type FixedStream = keyof (typeof trainDefaults)['stream'];

const { imageSize: _, ...recipe } = defaultRecipe;

/** What training does where no option says otherwise. */
export const trainDefaults = {
  stream: {
    batchSize: 32,
    backend: 'cpu',
    prefetch: 2,
    seed: 0,
    onError: 'stop',
    maxBad: '1%',
    sampleTimeoutMs: 60_000,
  },
  recipe,
  model: 'efficientnet-nano',
  trainer: defaultTrainer,
  device: 'auto',
  precision: 'float32',
  lossScaling: { initial: 1, growthInterval: Number.POSITIVE_INFINITY },
  optimizer: {
    optimizer: 'sgd',
    momentum: 0.9,
    nesterov: false,
    weightDecay: 1e-4,
    batchNormWeightDecay: false,
    rmspropAlpha: 0.9,
    rmspropEpsilon: 0.01,
    labelSmoothing: 0.1,
    stochasticDepth: 'sample',
  },
  schedule: { schedule: 'cosine', base: 0.1, end: 0, warmup: 0, epochs: 10 },
  evaluation: { every: 1 },
  checkpoints: { filename: 'checkpoint.safetensors', keep: 1 },
  metricsFile: defaultMetricsFile,
  ranks: alone,
} as const satisfies Options;

/** Fills in what is left out, or given as undefined: from the preset, else the defaults. */
export function completeOptions(options: Options & Pick<CompleteOptions, 'data'>): CompleteOptions {
  const base = options.preset === undefined ? {} : preset(options.preset, options.precision);
  const { evaluation = {}, checkpoints = {}, precision } = options;
  const quantized = options.quantized ?? base.quantized ?? false;
  const schedule = completeSchedule(over(base.schedule ?? {}, options.schedule), quantized);
  return {
    ...over(over(trainDefaults, base), options),
    data: options.data,
    stream: over(over(trainDefaults.stream, base.stream), options.stream),
    recipe: over(over(trainDefaults.recipe, base.recipe), options.recipe),
    lossScaling:
      precision === 'mixed'
        ? over(over(trainDefaults.lossScaling, base.lossScaling), options.lossScaling)
        : undefined,
    optimizer: over(over(trainDefaults.optimizer, base.optimizer), options.optimizer),
    schedule,
    quantization: quantized
      ? completeQuantization(over(base.quantization ?? {}, options.quantization), schedule.epochs)
      : undefined,
    evaluation: evaluation && over(trainDefaults.evaluation, evaluation),
    checkpoints: checkpoints && over(trainDefaults.checkpoints, checkpoints),
    parts: options.parts ?? (options.ranks ?? trainDefaults.ranks).size,
  };
}

/** NVIDIA's of quant_main.py: weights that have learned already are only to move a little. */
export const quantizedBase = 0.0125;

function completeSchedule(given: Partial<ScheduleOptions>, isQuantized: boolean): ScheduleOptions {
  if (isQuantized) return over({ ...trainDefaults.schedule, base: quantizedBase }, given);
  const schedule = over(trainDefaults.schedule, given);
  const isChosen = given.base !== undefined || given.warmup !== undefined;
  return isChosen ? schedule : { ...schedule, warmup: warmupOfDefault(schedule.epochs) };
}

/** The defaults with what is given, but for what is given as undefined. */
export function over<D extends object, O extends object>(defaults: D, given: O = {} as O): D & O {
  const defined = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(defined) } as D & O;
}
