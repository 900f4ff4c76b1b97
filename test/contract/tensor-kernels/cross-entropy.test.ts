import { describe } from 'vitest';
import { biasGradient } from '../../../backends/tensor-kernels/bias-gradient/bias-gradient.ts';
import { crossEntropy } from '../../../backends/tensor-kernels/cross-entropy/cross-entropy.ts';
import { callOf, floats, positive, tensor } from '../../support/kernel-calls.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

describe('cross-entropy', () => {
  const rows = 5;
  const call = (classes: number, smoothing: number, largest: number) => () => {
    const c4 = Math.ceil(classes / 4);
    return callOf(
      crossEntropy,
      {
        logits: tensor('logits', 'f32', rows * 4 * c4, (i) => largest * (2 * positive(i + 1) - 1)),
        labels: tensor('labels', 'u32', rows, (row) => (row * 7) % classes),
        partners: tensor('partners', 'u32', rows, (row) => (row * 5 + 1) % classes),
        shares: tensor('shares', 'f32', rows, (row) => 1 - row / 4),
        state: tensor('state', 'f32', 5, () => 128),
        losses: tensor('losses', 'f32', rows),
        gradient: tensor('gradient', 'store', rows * 4 * c4),
      },
      { rows, classes, c4, smoothing, lossFactor: 'lossFactor' },
    );
  };

  // a few gradients are some 20 times the root mean square, and float16 rounds them to 11 bits
  const peaks = { packed: 0.016, half: 0.016 };

  itAsReference('takes fewer classes than lanes', call(10, 0, 1));
  itAsReference('takes more classes than lanes, with smoothing', call(1001, 0.1, 8), peaks);
  itAsReference('takes logits that no exponential holds', call(263, 0.1, 500), peaks);
});

describe('bias-gradient', () => {
  itAsReference('adds rows', () => {
    const [rows, c4] = [37, 19];
    const operands = { g: tensor('g', 'store', rows * 4 * c4), ...floats({ gradient: 4 * c4 }) };
    return callOf(biasGradient, operands, { rows, c4 });
  });
});
