import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { Batch } from '../../core/batch.ts';
import type { TrainStepOptions, TrainStepResult } from '../../core/trainer.ts';
import { softTargets } from '../recipe/batch-input.ts';
import { drawMasks } from '../recipe/masks.ts';
import { fetchImages } from './image-tensors.ts';
import { forward, type TrainingPass } from './network.ts';
import type { Normalized } from './operations.ts';
import { forgetGradients, type Session } from './session.ts';
import { compute } from './tensorflow.ts';

/** What is kept of the forward pass; whoever asked for it disposes its tensors. */
interface Observations {
  readonly batchNorms: ObservedStatistics[];
  /** Loss of each row, where it is asked for. */
  losses?: Tensor1D;
}

/** One batch norm's statistics of this batch, over so many values a channel. */
interface ObservedStatistics {
  readonly layer: string;
  readonly statistics: Omit<Normalized, 'y'>;
  readonly rows: number;
}

/** Forward, backward, running statistics and, where asked for, the update. */
export async function trainStep(
  session: Session,
  batch: Batch,
  options: TrainStepOptions,
): Promise<TrainStepResult> {
  const { tf } = session.tensorflow;
  const observed: Observations = { batchNorms: [] };
  const images = await fetchImages(session.tensorflow, batch);
  try {
    const loss = compute(session.tensorflow, () => {
      const { value, gradients } = computeGradients(session, images(), batch, options, observed);
      accumulate(session, gradients);
      for (const one of observed.batchNorms) updateRunningStatistics(session, one);
      if (options.apply) applyGradients(session, options.learningRate);
      updateAverage(session, options.step);
      return value;
    });
    const [[value], losses] = await Promise.all([loss.data(), observed.losses?.data<'float32'>()]);
    loss.dispose();
    return { loss: value as number, ...(losses && { losses }) };
  } finally {
    for (const { statistics } of observed.batchNorms) tf.dispose([statistics.mean, statistics.variance]);
    observed.losses?.dispose();
  }
}

function computeGradients(
  session: Session,
  images: Tensor4D,
  batch: Batch,
  { step, lossScale, losses = false }: TrainStepOptions,
  observed: Observations,
): { value: Scalar; gradients: Tensor[] } {
  const { tensorflow, layers, parameters, model, options } = session;
  const { tf } = tensorflow;
  const rows = batch.labels.length;
  const values = softTargets(batch, model.classes, options.settings.labelSmoothing);
  const targets = tf.tensor2d(values, [rows, model.classes]);
  const training = trainingPass(session, step, rows, observed.batchNorms);
  const collect = (rowLosses: Tensor1D): void => {
    observed.losses = rowLosses;
  };
  const names = parameters.trainable;
  const loss = (...trainable: Tensor[]): Scalar => {
    const weights = new Map(parameters.tensors);
    for (const [index, name] of names.entries()) weights.set(name, trainable[index] as Tensor);
    const logits = forward({ ...session, weights, training }, images);
    return layers.crossEntropy(logits, targets, losses ? collect : undefined);
  };
  const trainable = names.map((name) => parameters.tensors.get(name) as Tensor);
  const { value, grads } = tf.valueAndGrads(loss)(trainable, tf.scalar(lossScale));
  return { value: value as Scalar, gradients: grads };
}

function trainingPass(
  session: Session,
  step: number,
  rows: number,
  observed: ObservedStatistics[],
): TrainingPass {
  const { tensorflow, model, options } = session;
  const { tf } = tensorflow;
  const { seed, settings } = options;
  const { survival, dropout } = drawMasks(model, seed, step, rows, settings.stochasticDepth);
  const factors = new Map<string, Tensor4D>();
  for (const [block, values] of survival) factors.set(block, tf.tensor4d(values, [rows, 1, 1, 1]));
  return {
    collect: (layer, statistics, rows) => observed.push({ layer, statistics, rows }),
    survival: factors,
    dropout: dropout && tf.tensor4d(dropout, [rows, 1, 1, model.classifier.inFeatures]),
  };
}

function accumulate({ parameters, accumulated, tensorflow: { tf } }: Session, gradients: Tensor[]): void {
  for (const [index, name] of parameters.trainable.entries()) {
    const gradient = gradients[index] as Tensor;
    const earlier = accumulated.get(name);
    accumulated.set(name, tf.keep(earlier ? earlier.add(gradient) : gradient));
    earlier?.dispose();
  }
}

function applyGradients(session: Session, learningRate: number): void {
  const { parameters, optimizer, accumulated } = session;
  for (const [name, gradient] of accumulated) {
    const weight = parameters.tensors.get(name) as Tensor;
    parameters.replace(name, optimizer.update(name, weight, gradient, learningRate));
  }
  forgetGradients(session);
}

/** As PyTorch: running = (1 - momentum) running + momentum batch, with the unbiased variance of the batch. */
function updateRunningStatistics(
  { parameters, model }: Session,
  { layer, statistics, rows }: ObservedStatistics,
): void {
  const { momentum } = model.batchNorm;
  const unbiased = rows / Math.max(1, rows - 1);
  const update = (name: string, value: Tensor1D, factor: number): void => {
    const running = parameters.tensors.get(name) as Tensor1D;
    parameters.replace(name, running.mul(1 - momentum).add(value.mul(factor * momentum)));
  };
  update(`${layer}.bn.running_mean`, statistics.mean, 1);
  update(`${layer}.bn.running_var`, statistics.variance, unbiased);
}

/** Follows the weights closely at first, and more slowly with every step; running statistics are averaged too. */
function updateAverage({ tensorflow, parameters, average, options }: Session, step: number): void {
  const { emaDecay } = options.settings;
  if (average === undefined || emaDecay === undefined) return;
  const decay = Math.min(emaDecay, (1 + step) / (10 + step));
  for (const [name, own] of parameters.tensors) {
    const earlier = average.tensors.get(name) as Tensor;
    average.replace(name, tensorflow.operations.movingAverage(earlier, own, decay));
  }
}
