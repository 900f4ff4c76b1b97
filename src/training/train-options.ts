import type { Step } from '../core/step.ts';
import type { LossScaling, Precision, Trainer, TrainingSettings } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { ModelChoice } from '../models/architecture.ts';
import type { Ranks } from '../ranks/ranks.ts';
import type { ReadingOptions } from '../streams/open-data.ts';
import type { Recipe } from '../streams/recipe.ts';
import type { SelectionOptions } from '../streams/selection.ts';
import type { StreamOptions } from '../streams/stream-options.ts';
import type { Device } from '../trainers/device.ts';
import type { MetricsRecord } from '../workspace/metrics-reader.ts';
import type { ClassWeights } from './class-weights.ts';
import type { PresetName } from './preset-values.ts';
import type { TrainingQuantization } from './quantization-options.ts';
import type { ScheduleOptions } from './schedule.ts';

/**
 * What is trained on what, and how. `data` alone is enough, and so is `resume`: data and options are then those of the
 * run that is continued, but for what is given.
 */
export type TrainOptions = OptionalTrainOptions &
  ({ readonly data: string | Dataset } | { readonly resume: string });

/** Options of a training, none of which has to be given. */
export interface OptionalTrainOptions extends ReadingOptions, SelectionOptions {
  /** A dataset, or the path of one, whose train split is taken where it is divided. Default: that of `resume`. */
  readonly data?: string | Dataset;
  /**
   * NVIDIA's recipe for a model: defaults that the other options go before, one by one. With precision 'mixed' it is that of
   * its AMP configuration, which has more rows per batch, and a loss scale.
   */
  readonly preset?: PresetName;
  /** Cuts this share of each class out of `data`, to evaluate on: 0..1 (docs/data.md has the rule). Default 0: none. */
  readonly valShare?: number | undefined;
  /** How images are read and prepared. Its `batchSize` counts the rows of a part, where a step has several. */
  readonly stream?: StreamOptions;
  /** How images are cut and augmented. `imageSize` is by default the model's resolution. */
  readonly recipe?: Partial<Recipe>;
  /** The pipeline's steps, instead of the recipe's. They must fix the size of the images, to a square. */
  readonly steps?: readonly Step[];
  /** Default: that of `pretrained`, else 'efficientnet-nano'; with as many outputs as the data has classes. */
  readonly model?: ModelChoice;
  /**
   * Weights that training starts from: a checkpoint, or what other libraries saved (docs/checkpoints.md). What `model` does not
   * say of the model, they do. A classifier of other classes than the data's is drawn anew.
   */
  readonly pretrained?: string | undefined;
  /** A trainer, or the name or the module of one (see `openTrainer`). It is closed at the end. Default 'graph'. */
  readonly trainer?: string | Trainer;
  /** Backend of the tfjs trainer: 'wasm', 'webgpu', 'cpu', 'node', 'node-gpu'. Default: webgpu where a GPU makes the batches, else wasm. */
  readonly trainerBackend?: string | undefined;
  /** Where the trainer `graph` computes. Default 'auto': on a hardware GPU, else on the CPU. */
  readonly device?: Device | undefined;
  /** Threads of the trainer `graph` on the CPU. Default: as many as are fastest. */
  readonly threads?: number | undefined;
  /** Default 'float32'. */
  readonly precision?: Precision;
  /** With precision 'mixed' alone. Default: from 1 on, never growing, as in NVIDIA's scripts; a preset begins with 128. */
  readonly lossScaling?: Partial<LossScaling> | undefined;
  /**
   * Trains a model that computes in int8: values and weights are rounded, by ranges that are chosen before the first step
   * (docs/quantization.md). Start it from `pretrained`. Default false.
   */
  readonly quantized?: boolean;
  /** With `quantized`: where it rounds, and how ranges are chosen. */
  readonly quantization?: Partial<TrainingQuantization> | undefined;
  /** Optimiser, loss and what is dropped. Default: SGD with momentum 0.9. */
  readonly optimizer?: Partial<Omit<TrainingSettings, 'classWeights'>>;
  /**
   * Weights of the classes in the cross-entropy (docs/sampling.md): 'balanced', in inverse proportion to their images, or by name, such
   * as `{ cat: 2 }`, where a class not named has 1. They are divided by their mean over the images. Default: all alike.
   */
  readonly classWeights?: ClassWeights | undefined;
  /** Learning rate over epochs, and how many epochs there are. Default: 10 epochs, cosine from 0.1; where `base` is left out, the first of three or more has half of it. With `quantized`: cosine from 0.0125. */
  readonly schedule?: Partial<ScheduleOptions>;
  /** Rows per update of the weights, of all parts, gathered over several steps. Default: those of one step. */
  readonly rowsPerUpdate?: number | undefined;
  /**
   * Parts that each step is the sum of, a power of two. Weights depend on it, and not on how many ranks, up to as many, compute
   * them. Default: the number of ranks.
   */
  readonly parts?: number | undefined;
  /**
   * The processes that train together, of which this is one (docs/many-machines.md). Default: those that a launcher such as mpirun
   * started, else this one alone.
   */
  readonly ranks?: Ranks | undefined;
  /** How long a rank waits for the others before it takes them for hung. The first training of a process decides. Default 600000. */
  readonly rankTimeoutMs?: number | undefined;
  /** What is evaluated, and when; false: nothing. Default: the val split of `data`, after each epoch. */
  readonly evaluation?: EvaluationOptions | false;
  /** Which checkpoints are written; false: none. */
  readonly checkpoints?: CheckpointOptions | false;
  /** Folder for metrics, checkpoints and the report. Default: `runs/<time>`, or that of `resume`. */
  readonly workspace?: string | undefined;
  /** Name of the metrics in the workspace. Default 'metrics.jsonl'. */
  readonly metricsFile?: string;
  /** Writes report.html, and keeps it up to date. Default true. */
  readonly report?: boolean;
  /**
   * A checkpoint to continue from, or the workspace that it is in. What is left out here is as it was in that run, but for
   * `force`, `workspace`, `runEpochs`, `maxSteps` and `rankTimeoutMs`. Data and steps that were given in code are to be given again.
   */
  readonly resume?: string | undefined;
  /**
   * With `resume`: continues although the data, the pipeline or the settings are others. Without: where the workspace holds
   * a run, moves that one into a folder of its own. Default false.
   */
  readonly force?: boolean;
  /** Epochs that this run trains, of the training's. Default: all that are left. */
  readonly runEpochs?: number | undefined;
  /** Ends training after so many steps of this run. Default: never. */
  readonly maxSteps?: number | undefined;
  /** How many samples of highest loss are listed after each epoch. Default: none. */
  readonly outliers?: number | undefined;
  /** Hears every line that is written to the metrics. */
  readonly onMetrics?: ((record: MetricsRecord) => void) | undefined;
  /** Ends training after the step in hand, with a checkpoint; `result` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface EvaluationOptions {
  /** A dataset, or the path of one, whose val split is taken where it is divided. Default: the val split of `data`. */
  readonly data?: string | Dataset;
  /** Evaluates after every n-th epoch, and after the last. Default 1. */
  readonly every?: number;
  /** Ends training after so many epochs without a better top-1. Default: never. */
  readonly patience?: number | undefined;
}

export interface CheckpointOptions {
  /** Name of the last checkpoint, in the workspace. Default 'checkpoint.safetensors'. */
  readonly filename?: string;
  /** Writes one every n steps too. Default: after each epoch only. */
  readonly everySteps?: number | undefined;
  /** How many of the latest epochs keep one of their own. Default 1. */
  readonly keep?: number;
}
