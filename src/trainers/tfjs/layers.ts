import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { Normalized } from './operations.ts';
import type { Tensorflow } from './tensorflow.ts';
import type { Tf } from './tf.ts';

/**
 * Layers with gradients of their own: tfjs would differentiate their formulas term by term, with a tensor of the
 * layer's size for each.
 */
export interface Layers {
  /** Batch norm in training. The statistics handed to `collect` are the receiver's to dispose. */
  batchNorm(
    x: Tensor4D,
    gamma: Tensor1D,
    beta: Tensor1D,
    epsilon: number,
    collect: (statistics: Omit<Normalized, 'y'>) => void,
  ): Tensor4D;
  silu(x: Tensor4D): Tensor4D;
  /** Mean over the pixels of each image: [n, 1, 1, c]. */
  spatialMean(x: Tensor4D): Tensor4D;
  /** x times a factor for each image and channel: [n, h, w, c] * [n, 1, 1, c]. */
  scaleChannels(x: Tensor4D, factors: Tensor4D): Tensor4D;
  /**
   * Mean over rows of the cross-entropy of softmax(logits) with `targets`; rows of targets sum to 1. The loss of each row
   * [n] goes to `collect`, if that is given; it is the receiver's to dispose.
   */
  crossEntropy(logits: Tensor2D, targets: Tensor2D, collect?: (losses: Tensor1D) => void): Scalar;
  /** The same of targets whose rows need not sum to 1: classes have weights. */
  weightedCrossEntropy: Layers['crossEntropy'];
  /** Mean over rows and classes of the cross-entropy of sigmoid(logits) with `targets`, each 0..1. */
  binaryCrossEntropy(logits: Tensor2D, targets: Tensor2D, collect?: (losses: Tensor1D) => void): Scalar;
}

export const layersOn = (tensorflow: Tensorflow): Layers => ({
  batchNorm: batchNormOn(tensorflow),
  silu: siluOn(tensorflow),
  spatialMean: spatialMeanOn(tensorflow),
  scaleChannels: scaleChannelsOn(tensorflow),
  crossEntropy: crossEntropyOn(tensorflow),
  weightedCrossEntropy: weightedCrossEntropyOn(tensorflow),
  binaryCrossEntropy: binaryCrossEntropyOn(tensorflow),
});

function batchNormOn({ tf, operations }: Tensorflow): Layers['batchNorm'] {
  return (x, gamma, beta, epsilon, collect) =>
    layer(tf, [x, gamma, beta], (save) => {
      const { y, mean, variance } = operations.batchNorm(x, gamma, beta, epsilon);
      collect({ mean: tf.keep(mean.clone()), variance: tf.keep(variance.clone()) });
      save([x, gamma, mean, variance]);
      type Saved = [Tensor4D, Tensor1D, Tensor1D, Tensor1D];
      const gradFunc = (dy: Tensor4D, [x, gamma, mean, variance]: Saved) => {
        const statistics = { mean, variance };
        const { dx, dGamma, dBeta } = operations.batchNormGradient(dy, x, gamma, statistics, epsilon);
        return [dx, dGamma, dBeta];
      };
      return { value: y, gradFunc };
    });
}

function siluOn({ tf, operations }: Tensorflow): Layers['silu'] {
  return (x) =>
    layer(tf, [x], (save) => {
      save([x]);
      const gradFunc = (dy: Tensor4D, [x]: [Tensor4D]) => operations.siluGradient(x, dy);
      return { value: operations.silu(x), gradFunc };
    });
}

function spatialMeanOn({ tf, operations }: Tensorflow): Layers['spatialMean'] {
  return (x) =>
    layer(tf, [x], () => {
      const [, h, w] = x.shape;
      const gradFunc = (dy: Tensor4D) => operations.spread(dy, h, w, 1 / (h * w));
      return { value: operations.spatialSums(x).div<Tensor4D>(h * w), gradFunc };
    });
}

function scaleChannelsOn({ tf, operations }: Tensorflow): Layers['scaleChannels'] {
  return (x, factors) =>
    layer(tf, [x, factors], (save) => {
      save([x, factors]);
      const gradFunc = (dy: Tensor4D, [x, factors]: [Tensor4D, Tensor4D]) => [
        dy.mul(factors),
        operations.spatialProductSums(dy, x),
      ];
      return { value: x.mul<Tensor4D>(factors), gradFunc };
    });
}

function crossEntropyOn({ tf }: Tensorflow): Layers['crossEntropy'] {
  return (logits, targets, collect) =>
    layer(tf, [logits], (save) => {
      const [rows] = logits.shape;
      const logProbabilities = tf.logSoftmax(logits);
      save([logProbabilities, targets]);
      const gradFunc = (dy: Scalar, [logProbabilities, targets]: [Tensor2D, Tensor2D]) =>
        logProbabilities.exp().sub(targets).mul(dy.div(rows));
      const products = targets.mul(logProbabilities);
      // beside the mean, and not on the way to it: the mean has the same bits whoever asks
      collect?.(tf.keep(products.sum<Tensor1D>(1).neg()));
      return { value: products.sum<Scalar>().div<Scalar>(-rows), gradFunc };
    });
}

function weightedCrossEntropyOn({ tf }: Tensorflow): Layers['weightedCrossEntropy'] {
  return (logits, targets, collect) =>
    layer(tf, [logits], (save) => {
      const [rows] = logits.shape;
      const logProbabilities = tf.logSoftmax(logits);
      save([logProbabilities, targets]);
      const gradFunc = (dy: Scalar, [logProbabilities, targets]: [Tensor2D, Tensor2D]) =>
        logProbabilities.exp().mul(targets.sum(1, true)).sub(targets).mul(dy.div(rows));
      const losses = targets.mul(logProbabilities).sum<Tensor1D>(1).neg();
      collect?.(tf.keep(losses.clone()));
      return { value: losses.mean<Scalar>(), gradFunc };
    });
}

function binaryCrossEntropyOn({ tf }: Tensorflow): Layers['binaryCrossEntropy'] {
  return (logits, targets, collect) =>
    layer(tf, [logits], (save) => {
      const [rows, classes] = logits.shape;
      save([logits, targets]);
      const gradFunc = (dy: Scalar, [logits, targets]: [Tensor2D, Tensor2D]) =>
        logits
          .sigmoid()
          .sub(targets)
          .mul(dy.div(rows * classes));
      const linear = logits.relu().sub(logits.mul(targets));
      const losses = linear.add(logits.abs().neg().exp().log1p());
      collect?.(tf.keep(losses.mean<Tensor1D>(1)));
      return { value: losses.mean<Scalar>(), gradFunc };
    });
}

/**
 * `compute` gives the layer's value and its gradients. The forward pass frees its tensors when it ends: a gradient takes
 * what it needs from `saved`, in the order in which `save` was given it.
 */
function layer<Output extends Tensor>(tf: Tf, inputs: Tensor[], compute: Compute<Output>): Output {
  const run = (...given: unknown[]) => compute(given.at(-1) as Save) as never;
  return tf.customGrad(run)(...inputs) as Output;
}

type Save = (tensors: readonly Tensor[]) => void;

type Compute<Output> = (save: Save) => {
  readonly value: Output;
  // each layer knows what it saved
  readonly gradFunc: (dy: never, saved: never) => Tensor | Tensor[];
};
