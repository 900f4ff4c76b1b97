import { beforeAll, describe, expect, it } from 'vitest';
import { openTensorflow, type Tensorflow } from '../../../../src/trainers/tfjs/tensorflow.ts';

describe('operations of the wasm backend', () => {
  let tensorflow: Tensorflow;
  beforeAll(async () => {
    tensorflow = await openTensorflow('wasm');
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
