/// <reference types="@webgpu/types" preserve="true" />
import type { Batch } from './batch.ts';

/** Named weights of a model or an optimiser: shapes in the model's own layout, values float32. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
export type TensorMap = Readonly<Record<string, NamedTensor>>;

/** How numbers are multiplied: `tf32` rounds float32 factors to 10 bits, `mixed` is float16 with float32 weights. */
export const precisions = ['float32', 'tf32', 'mixed'] as const;
export type Precision = (typeof precisions)[number];

export type StochasticDepth = 'sample' | 'batch';

export const optimizers = ['sgd', 'rmsprop'] as const;
export type OptimizerName = (typeof optimizers)[number];

/** `bce`: binary cross-entropy, the mean over classes of each one's own. */
export const losses = ['cross-entropy', 'bce'] as const;
export type LossName = (typeof losses)[number];

/** What an optimiser remembers of each parameter, by PyTorch's names. */
export const optimizerMemories = {
  sgd: ['momentum_buffer'],
  rmsprop: ['momentum_buffer', 'square_avg'],
} as const satisfies Record<OptimizerName, readonly string[]>;

/** Settings of the optimiser, the loss and what is dropped; learning rate comes with each step. */
export interface TrainingSettings {
  readonly optimizer: OptimizerName;
  readonly momentum: number;
  /** Of SGD: steps along the gradient and the momentum after it, as PyTorch's `nesterov`. Default false. */
  readonly nesterov?: boolean;
  readonly weightDecay: number;
  /** Whether batch norm's scale and shift are decayed as well. Default false. */
  readonly batchNormWeightDecay?: boolean;
  readonly rmspropAlpha: number;
  readonly rmspropEpsilon: number;
  /**
   * What compares logits with targets: `cross-entropy` of their softmax, for rows of one class; `bce` of the sigmoid of each, PyTorch's
   * `BCEWithLogitsLoss` with the mean over classes and rows, for rows of several classes too. Default 'cross-entropy'.
   */
  readonly loss?: LossName;
  /**
   * 0..1: share of the target spread evenly over all classes; 0 leaves one-hot targets. Of rows that may have several classes, how far
   * each class's target moves to a half: t (1 - s) + s / 2.
   */
  readonly labelSmoothing: number;
  /**
   * Of the cross-entropy: a weight for each class, 0 or more. A row's loss is -sum of weight x target x log(probability) over classes,
   * its target with mix and smoothing, and the step's loss is the mean over rows: PyTorch's `CrossEntropyLoss(weight)` where targets are
   * probabilities. Evaluation goes without. Left out: 1 each.
   */
  readonly classWeights?: readonly number[];
  /**
   * Largest decay of a moving average (EMA) of the weights, running statistics included, 0..1: each step n makes it
   * m average + (1 - m) weights with m = min(emaDecay, (1 + n) / (10 + n)). Left out: none is kept.
   */
  readonly emaDecay?: number;
  /** What shares a draw of stochastic depth: nothing (each sample has its own), or the whole batch. Default 'sample'. */
  readonly stochasticDepth?: StochasticDepth;
  /**
   * Beginnings of layers' names (`stem`, `layers.0`) that do not learn: their weights stay, and their batch norm takes the
   * running statistics, which stay too. Left out: all learn.
   */
  readonly frozen?: readonly string[];
  /** Factor on the learning rate of all but the classifier. Default 1. */
  readonly bodyRate?: number;
}

/** Which of a model's values and weights are rounded to int8: names of src/models/points.ts, and of parameters. */
export interface QuantizedPlaces {
  readonly points: readonly string[];
  readonly weights: readonly string[];
  /** Largest integer: a range is divided into so many steps. Default 127, int8's; fewer are for studies. */
  readonly levels?: number;
  /**
   * Whether evaluation computes on integers, bit for bit as onnxruntime does operator by operator: placement `onnxruntime` in int8
   * alone. Training is refused then. Default false: values are rounded in float32.
   */
  readonly isExact?: boolean;
  /** In exact evaluation: numbers of SiLU's sigmoid, as the exported file has them. Default 'float32'. */
  readonly sigmoid?: 'float32' | 'int8';
}

/** How the loss is scaled in mixed precision, so that small gradients do not vanish in float16. */
export interface LossScaling {
  /** Scale of the first update. A scale halves with every update that it makes overflow. */
  readonly initial: number;
  /** Good updates in a row after which the scale doubles; Infinity: it never grows. */
  readonly growthInterval: number;
}

export interface PrepareOptions {
  readonly precision: Precision;
  /** Of precision 'mixed' alone. */
  readonly lossScaling?: LossScaling;
  /** Seeds the weights, dropout and stochastic depth. */
  readonly seed: number;
  readonly settings: TrainingSettings;
  /**
   * Values and weights here are rounded to int8 and back, in training and evaluation. By which ranges, `load` says, in the
   * state's part `quant`; before it does, steps are refused (NOT_CALIBRATED). Float32 alone.
   */
  readonly quantization?: QuantizedPlaces;
  /** The device of the gpu data backend, to be borrowed: its batches are there already. */
  readonly device?: GPUDevice;
  /** Hears how many shaders are compiled, of how many, whenever a trainer has to compile some. */
  readonly onCompile?: (done: number, total: number) => void;
  /** Hears what people should know of how the trainer computes: a line. */
  readonly onNotice?: (message: string) => void;
}

export interface TrainStepOptions {
  readonly learningRate: number;
  /** False only accumulates this batch's gradients; true adds them and updates the weights. */
  readonly apply: boolean;
  /** Factor on the loss before gradients are taken (accumulation: 1 / number of micro-steps). */
  readonly lossScale: number;
  /** Number of this step from the start of training. */
  readonly step: number;
  /** Asks for the loss of each row, of a trainer that `givesLosses`. No weight depends on it. Default false. */
  readonly losses?: boolean;
  /** Whether batch norm takes the running statistics, and leaves them as they are; scale and shift still learn. Default false. */
  readonly fixedStatistics?: boolean;
}

/** A step is made of so many parts, each of which gives what it contributes: `contribution` once a part, then `applySum` once. */
export interface PartOptions extends TrainStepOptions {
  /** Parts of the step, all of as many rows: a power of two. */
  readonly parts: number;
  /** Place in the step's batch of the part's first row: what a step drops is drawn by it. */
  readonly firstRow: number;
  /** Hears that the vector's values from `from` up to `to` are final, while others are still computed: each value once at most. */
  readonly onReady?: (vector: Float32Array, from: number, to: number) => void;
}

/** What a part adds to its step. */
export interface Contribution {
  /**
   * Everything that is added up over the parts, as if the part were a whole batch: gradients, multiplied by `lossScale`; statistics of
   * batch norms; last, the mean loss. As long in every part. The caller may change it; it is valid until the next call.
   */
  readonly vector: Float32Array;
  /** The loss of each row, where it was asked for. */
  readonly losses?: Float32Array;
}

export interface TrainStepResult {
  /** Mean loss of the batch's rows, label smoothing and MixUp included, not multiplied by `lossScale`. */
  readonly loss: number;
  /** The loss of each row, of which `loss` is the mean; where it was asked for. */
  readonly losses?: Float32Array;
  /** In mixed precision: what became of the loss scale. */
  readonly lossScale?: LossScaleReport;
}

export interface LossScaleReport {
  /** In use after this step. */
  readonly scale: number;
  /** Updates skipped since the training began. */
  readonly skipped: number;
  /** Whether this step's update was skipped, since a gradient was no finite number; false where it only accumulates. */
  readonly isSkipped: boolean;
}

export interface EvaluationResult {
  /**
   * Sum of the rows' losses (no smoothing): cross-entropy; of rows with `multiLabels`, the binary one. Rows whose class, or one of
   * whose classes, is the best / among the five best guesses.
   */
  readonly lossSum: number;
  readonly top1: number;
  readonly top5: number;
  readonly rows: number;
  /** The best guess a row, as class index; -1 where there is none. From trainers that tell, for a confusion matrix. */
  readonly predictions?: ArrayLike<number>;
  /** Of rows with `multiLabels`, from trainers that tell: logits [rows, classes], for the average precision of each class. */
  readonly scores?: Float32Array;
}

/**
 * Everything needed to go on later: weights and running statistics, and what the next steps remember. A trainer may have
 * parts of its own beside these: checkpoints keep whatever parts there are.
 */
export interface TrainerState {
  readonly weights: TensorMap;
  /** The optimiser's memory; empty: it starts afresh. */
  readonly optimizer: TensorMap;
  /** The moving average, named as the weights. Left out: it starts at the weights. */
  readonly average?: TensorMap;
  /**
   * Sums of the gradients that wait for a step with `apply`, named as the weights. Left out: there are none. With a `lossScale`
   * they are multiplied by its scale, as the trainer has them: a resumed training then has their bits.
   */
  readonly gradients?: TensorMap;
  /** In mixed precision: what src/core/loss-scale.ts says. Left out: the scale starts at its initial value. */
  readonly lossScale?: TensorMap;
  /**
   * Ranges of int8, largest absolute values: `point.<name>` [1] of a quantised value, `weight.<name>` [outputs] of a weight's
   * output channels. They do not learn.
   */
  readonly quant?: TensorMap;
  readonly [part: string]: TensorMap | undefined;
}

/**
 * Trains a model on batches. `Model` is what src/models makes (a user's trainer may take any model of its own).
 * A trainer has read the batch when its promise resolves: the caller then releases it.
 */
export interface Trainer<Model = unknown> {
  readonly name: string;
  /** What it can compute in; left out: float32 alone. */
  readonly precisions?: readonly Precision[];
  /**
   * Whether `trainStep` gives the loss of each row when asked, for `--log-outliers` and to tell which rows made the loss no
   * finite number. Left out: it does not.
   */
  readonly givesLosses?: boolean;
  /** Whether it goes by `classWeights` of its settings. Left out: it does not, and a training with weights is refused. */
  readonly weighsClasses?: boolean;
  /** Whether it evaluates a quantised model on integers where `quantization.isExact` asks for it. Left out: it does not. */
  readonly evaluatesExactly?: boolean;
  /**
   * After `prepare`: what of the machine the bits of a training depend on, such as adapter, driver, tier and plan. It is
   * written down; a training that is resumed on another one is warned.
   */
  readonly environment?: Readonly<Record<string, string>>;
  prepare(model: Model, options: PrepareOptions): Promise<void>;
  trainStep(batch: Batch, options: TrainStepOptions): Promise<TrainStepResult>;
  /**
   * What a part of a step's batch adds to it; changes nothing that `state` gives. With `applySum`, a trainer can train in parts and on
   * many ranks. A part's images may begin within `buffer` (`bufferOffset`).
   */
  contribution?(part: Batch, options: PartOptions): Promise<Contribution>;
  /**
   * Makes the step whose parts' vectors have this sum, of which it takes the mean. The same sum gives the same weights on
   * every rank; of a single part, those that `trainStep` gives.
   */
  applySum?(sum: Float32Array, options: Omit<PartOptions, 'firstRow' | 'onReady'>): Promise<TrainStepResult>;
  evaluateStep(batch: Batch): Promise<EvaluationResult>;
  /** As `evaluateStep`, with the moving average for weights. A trainer that keeps none has no such method. */
  evaluateAverageStep?(batch: Batch): Promise<EvaluationResult>;
  /** Logits [rows, classes] of the batch, which needs no labels. Optional: only `millrace classify` and test-time augmentation ask for it. */
  predict?(batch: Batch): Promise<Float32Array>;
  /**
   * Values of the model, of a batch in evaluation, at points by name; nothing is rounded on the way. `hear` is called with each
   * point's values once or more, in the order of the rows. A trainer that has it can quantise.
   */
  observe?(
    batch: Batch,
    points: readonly string[],
    hear: (point: string, values: Float32Array) => void,
  ): Promise<void>;
  state(): Promise<TrainerState>;
  load(state: TrainerState): Promise<void>;
  close(): Promise<void>;
}
