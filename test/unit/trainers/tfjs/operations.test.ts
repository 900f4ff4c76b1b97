import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomFor } from '../../../../src/core/random.ts';
import { composedOperations } from '../../../../src/trainers/tfjs/composed-operations.ts';
import type { Operations } from '../../../../src/trainers/tfjs/operations.ts';
import { openTensorflow, type Tensorflow } from '../../../../src/trainers/tfjs/tensorflow.ts';

/** Each operation on given inputs: a list of the tensors that it makes. */
const calls: Record<string, (operations: Operations, inputs: Inputs) => Tensor[]> = {
  batchNorm(operations, { x, scale, shift }) {
    const { y, mean, variance } = operations.batchNorm(x, scale, shift, 1e-3);
    return [y, mean, variance];
  },
  batchNormGradient(operations, { x, dy, scale, shift }) {
    const statistics = operations.batchNorm(x, scale, shift, 1e-3);
    const { dx, dGamma, dBeta } = operations.batchNormGradient(dy, x, scale, statistics, 1e-3);
    return [dx, dGamma, dBeta];
  },
  scaleShift: (operations, { x, scale, shift }) => [operations.scaleShift(x, scale, shift)],
  silu: (operations, { x }) => [operations.silu(x.mul(8))],
  siluGradient: (operations, { x, dy }) => [operations.siluGradient(x.mul(8), dy)],
  spatialSums: (operations, { x }) => [operations.spatialSums(x)],
  spatialProductSums: (operations, { x, dy }) => [operations.spatialProductSums(x, dy)],
  spread: (operations, { x }) => [operations.spread(operations.spatialSums(x), 3, 2, 0.25)],
  sgd: (operations, inputs) => sgd(operations, inputs, false),
  'sgd with nesterov': (operations, inputs) => sgd(operations, inputs, true),
  rmsprop(operations, { x, dy }) {
    const rule = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, alpha: 0.9, epsilon: 0.01 };
    const { weight, buffer, square } = operations.rmsprop(x, dy, dy.mul(0.5), dy.square(), rule);
    return [weight, buffer, square];
  },
  movingAverage: (operations, { x, dy }) => [operations.movingAverage(x, dy, 0.3)],
};

function sgd(operations: Operations, { x, dy }: Inputs, nesterov: boolean): Tensor[] {
  const rule = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov };
  const { weight, buffer } = operations.sgd(x, dy, dy.mul(0.5), rule);
  return [weight, buffer];
}

interface Inputs {
  readonly x: Tensor4D;
  readonly dy: Tensor4D;
  readonly scale: Tensor1D;
  readonly shift: Tensor1D;
}

type Shape = [number, number, number, number];

describe('operations of the wasm backend', () => {
  let tensorflow: Tensorflow;
  beforeAll(async () => {
    tensorflow = await openTensorflow('wasm');
  });

  const inputsOf = (shape: Shape, seed: number, mean: number): Inputs => {
    const { tf } = tensorflow;
    const rng = randomFor(seed, 0, 0, 0);
    const values = (length: number) => Float32Array.from({ length }, () => rng.normal());
    const size = shape.reduce((product, n) => product * n, 1);
    return {
      x: tf.tensor4d(values(size), shape).add(mean),
      dy: tf.tensor4d(values(size), shape),
      scale: tf.tensor1d(values(shape[3])),
      shift: tf.tensor1d(values(shape[3])),
    };
  };

  it.each(Object.keys(calls))('%s means what its composition in tfjs means', (name) => {
    const call = calls[name] as (typeof calls)[string];
    // channels that are no multiple of four, and more rows than a chunk of a sum
    const shapes = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 1, max: 19 }),
    );
    const { tf, operations } = tensorflow;
    const composed = composedOperations(tf);
    fc.assert(
      fc.property(shapes, fc.nat(), fc.constantFrom(0, 3), (shape, seed, mean) => {
        tf.tidy(() => {
          const inputs = inputsOf(shape, seed, mean);
          const expected = call(composed, inputs);
          const actual = call(operations, inputs);
          for (const [index, tensor] of actual.entries()) expectClose(tensor, expected[index] as Tensor);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the variance of values far from zero', () => {
    const { tf, operations } = tensorflow;
    tf.tidy(() => {
      const x = tf.tensor4d(
        Float32Array.from({ length: 400 }, (_, i) => 4096 + (i % 2)),
        [1, 20, 20, 1],
      );
      const { variance, mean } = operations.batchNorm(x, tf.ones([1]), tf.zeros([1]), 1e-3);
      expect(mean.dataSync()[0]).toBeCloseTo(4096.5, 6);
      expect(variance.dataSync()[0]).toBeCloseTo(0.25, 6);
    });
  });

  it('gives silu its limits far from zero', () => {
    const { tf, operations } = tensorflow;
    tf.tidy(() => {
      const x = tf.tensor4d([-1000, -100, 0, 100, 1000], [1, 1, 5, 1]);
      const y = [...operations.silu(x).dataSync()];
      expect(y.map(Math.abs)).toEqual([expect.closeTo(0, 6), expect.closeTo(0, 6), 0, 100, 1000]);
      const slope = [...operations.siluGradient(x, tf.onesLike(x)).dataSync()];
      expect(slope).toEqual([0, 0, 0.5, 1, 1].map((value) => expect.closeTo(value, 6)));
    });
  });
});

/** Within 1e-4 of the largest value: both are sums of float32 in different orders. */
function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [actual.dataSync<'float32'>(), expected.dataSync<'float32'>()];
  const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const error = a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] as number))), 0);
  expect(error / scale).toBeLessThan(1e-4);
}
