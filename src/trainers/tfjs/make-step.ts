import type { Tensor } from '@tensorflow/tfjs';
import type { TrainStepOptions } from '../../core/trainer.ts';
import type { ComputedStep } from './compute-step.ts';
import { forgetGradients, type Session } from './session.ts';

/** Adds the gradients to those that wait, follows the statistics and, where asked for, updates the weights. */
export function makeStep(
  session: Session,
  { gradients, statistics }: Omit<ComputedStep, 'loss'>,
  { apply, learningRate, step }: TrainStepOptions,
): void {
  accumulate(session, gradients);
  updateRunningStatistics(session, statistics);
  if (apply) applyGradients(session, learningRate);
  updateAverage(session, step);
}

function accumulate(session: Session, gradients: readonly Tensor[]): void {
  const { parameters, accumulated, tensorflow } = session;
  for (const [index, name] of parameters.trainable.entries()) {
    const gradient = gradients[index] as Tensor;
    const earlier = accumulated.get(name);
    accumulated.set(name, tensorflow.tf.keep(earlier ? earlier.add(gradient) : gradient));
    earlier?.dispose();
  }
}

/** As PyTorch: running = (1 - momentum) running + momentum batch, of which the second is given. */
function updateRunningStatistics({ parameters, model }: Session, statistics: readonly Tensor[]): void {
  for (const [index, name] of parameters.running.entries()) {
    const running = parameters.tensors.get(name) as Tensor;
    const followed = running.mul(1 - model.batchNorm.momentum).add(statistics[index] as Tensor);
    parameters.replace(name, followed);
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
