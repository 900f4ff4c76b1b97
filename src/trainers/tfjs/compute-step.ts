import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { Batch } from '../../core/batch.ts';
import type { PartOptions, TrainingSettings, TrainStepOptions } from '../../core/trainer.ts';
import { targetsOf } from '../recipe/batch-input.ts';
import { drawMasks } from '../recipe/masks.ts';
import type { Layers } from './layers.ts';
import { forward, type TrainingPass } from './network.ts';
import type { Normalized } from './operations.ts';
import type { Session } from './session.ts';

/** Of a step, or of a part of one. */
export type ComputeOptions = TrainStepOptions & Partial<Pick<PartOptions, 'firstRow'>>;

/** What rows give, before anything is changed by it. */
export interface ComputedStep {
  /** Of the trainable parameters, in their order. */
  readonly gradients: readonly Tensor[];
  /** What is added to the running statistics, in their order. */
  readonly statistics: readonly Tensor[];
  /** Mean of the rows' losses. */
  readonly loss: Scalar;
}

/** What is kept of the forward pass; whoever asked for it disposes its tensors. */
export interface Observations {
  readonly batchNorms: ObservedStatistics[];
  /** Loss of each row, where it is asked for. */
  losses?: Tensor1D;
}

/** One batch norm's statistics of these rows, over so many values a channel. */
interface ObservedStatistics {
  readonly layer: string;
  readonly statistics: Omit<Normalized, 'y'>;
  readonly rows: number;
}

/** Forward and backward. */
export function computeStep(
  session: Session,
  images: Tensor4D,
  batch: Batch,
  options: ComputeOptions,
  observed: Observations,
): ComputedStep {
  const { value, grads } = computeGradients(session, images, batch, options, observed);
  const statistics = weighStatistics(session, observed.batchNorms);
  return { gradients: grads, statistics, loss: value };
}

function computeGradients(
  session: Session,
  images: Tensor4D,
  batch: Batch,
  options: ComputeOptions,
  observed: Observations,
): { value: Scalar; grads: Tensor[] } {
  const { tensorflow, layers, parameters, model } = session;
  const { tf } = tensorflow;
  const rows = batch.labels.length;
  const { settings } = session.options;
  const targets = tf.tensor2d(targetsOf(batch, model.classes, settings), [rows, model.classes]);
  const compare = lossOf(layers, settings);
  const training = trainingPass(session, rows, options, observed.batchNorms);
  const collect = (rowLosses: Tensor1D): void => {
    observed.losses = rowLosses;
  };
  const names = parameters.trainable;
  const loss = (...trainable: Tensor[]): Scalar => {
    const weights = new Map(parameters.tensors);
    for (const [index, name] of names.entries()) weights.set(name, trainable[index] as Tensor);
    const logits = forward({ ...session, weights, training }, images);
    return compare(logits, targets, options.losses ? collect : undefined);
  };
  const trainable = names.map((name) => parameters.tensors.get(name) as Tensor);
  const { value, grads } = tf.valueAndGrads(loss)(trainable, tf.scalar(options.lossScale));
  return { value: value as Scalar, grads };
}

function lossOf(layers: Layers, { loss, classWeights }: TrainingSettings): Layers['crossEntropy'] {
  if (loss === 'bce') return layers.binaryCrossEntropy;
  return classWeights === undefined ? layers.crossEntropy : layers.weightedCrossEntropy;
}

function trainingPass(
  session: Session,
  rows: number,
  { step, firstRow = 0 }: ComputeOptions,
  observed: ObservedStatistics[],
): TrainingPass {
  const { tensorflow, model, options } = session;
  const { tf } = tensorflow;
  const { seed, settings } = options;
  const { survival, dropout } = drawMasks(model, seed, step, rows, settings.stochasticDepth, firstRow);
  const factors = new Map<string, Tensor4D>();
  for (const [block, values] of survival) factors.set(block, tf.tensor4d(values, [rows, 1, 1, 1]));
  return {
    collect: (layer, statistics, rows) => observed.push({ layer, statistics, rows }),
    survival: factors,
    dropout: dropout && tf.tensor4d(dropout, [rows, 1, 1, model.classifier.inFeatures]),
  };
}

/** Statistics by the weight that they have in the running ones: of the variance, the unbiased one is taken. */
function weighStatistics({ model, parameters }: Session, observed: readonly ObservedStatistics[]): Tensor[] {
  const { momentum } = model.batchNorm;
  const weighted = new Map<string, Tensor>();
  for (const { layer, statistics, rows } of observed) {
    const unbiased = rows / Math.max(1, rows - 1);
    weighted.set(`${layer}.bn.running_mean`, statistics.mean.mul(momentum));
    weighted.set(`${layer}.bn.running_var`, statistics.variance.mul(unbiased * momentum));
  }
  return parameters.running.map((name) => weighted.get(name) as Tensor);
}
