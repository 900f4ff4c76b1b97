import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { Operations } from './operations.ts';
import type { Tf } from './tf.ts';

/** The operations in tfjs's own terms: they run on any backend. */
export function composedOperations(tf: Tf): Operations {
  return {
    batchNorm(x, gamma, beta, epsilon) {
      const mean = x.mean([0, 1, 2]) as Tensor1D;
      const variance = x.sub(mean).square().mean([0, 1, 2]) as Tensor1D;
      const y = x.sub(mean).mul(variance.add(epsilon).rsqrt()).mul(gamma).add(beta) as Tensor4D;
      return { y, mean, variance };
    },
    batchNormGradient(dy, x, gamma, { mean, variance }, epsilon) {
      const rows = x.size / x.shape[3];
      const inverse = variance.add(epsilon).rsqrt();
      const normalized = x.sub(mean).mul(inverse);
      const dBeta = dy.sum([0, 1, 2]) as Tensor1D;
      const dGamma = dy.mul(normalized).sum([0, 1, 2]) as Tensor1D;
      const centred = dy.sub(dBeta.div(rows)).sub(normalized.mul(dGamma.div(rows)));
      return { dx: centred.mul(gamma.mul(inverse)) as Tensor4D, dGamma, dBeta };
    },
    scaleShift: (x, scale, shift) => x.mul(scale).add(shift) as Tensor4D,
    silu: (x) => x.mul(x.sigmoid()),
    siluGradient(x, dy) {
      const s = x.sigmoid();
      const one = tf.scalar(1);
      return dy.mul(s.mul(one.add(x.mul(one.sub(s)))));
    },
    spatialSums: (x) => x.sum([1, 2], true) as Tensor4D,
    spatialProductSums: (x, y) => x.mul(y).sum([1, 2], true) as Tensor4D,
    spread: (x, h, w, factor) => tf.tile(x.mul<Tensor4D>(factor), [1, h, w, 1]),
    sgd(weight, gradient, buffer, { learningRate, momentum, weightDecay, nesterov }) {
      const decayed = gradient.add(weight.mul(weightDecay));
      const next = buffer.mul(momentum).add(decayed);
      const step = nesterov ? next.mul(momentum).add(decayed) : next;
      return { weight: weight.sub(step.mul(learningRate)), buffer: next };
    },
    rmsprop(weight, gradient, buffer, square, { learningRate, momentum, weightDecay, alpha, epsilon }) {
      const decayed = gradient.add(weight.mul(weightDecay));
      const nextSquare = square.mul(alpha).add(decayed.square().mul(1 - alpha));
      const next = buffer.mul(momentum).add(decayed.div(nextSquare.sqrt().add(epsilon)));
      return { weight: weight.sub(next.mul(learningRate)), buffer: next, square: nextSquare };
    },
    movingAverage: (average, values, decay) => average.mul(decay).add(values.mul(1 - decay)),
  };
}
