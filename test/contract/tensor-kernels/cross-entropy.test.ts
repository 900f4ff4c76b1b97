import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithReference } from '../../../backends/reference/tensors/compare.ts';
import { biasGradient } from '../../../backends/tensor-kernels/bias-gradient/bias-gradient.ts';
import { crossEntropy } from '../../../backends/tensor-kernels/cross-entropy/cross-entropy.ts';
import { callOf, floats, positive, tensor } from '../../support/kernel-calls.ts';
import { onCpu } from '../../support/tensor-calls.ts';
import { itAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
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

  const withLogit = (value: number) => {
    const made = call(10, 0.1, 1)();
    const logits = tensor('logits', 'f32', rows * 12, (i) => (i === 15 ? value : positive(i)));
    return { ...made, operands: { ...made.operands, logits } };
  };

  // a few gradients are some 20 times the root mean square, and float16 rounds them to 11 bits
  const peaks = { packed: 0.016, half: 0.016 };

  itAsReference('takes fewer classes than lanes', call(10, 0, 1));
  itAsReference('takes more classes than lanes, with smoothing', call(1001, 0.1, 8), peaks);
  itAsReference('takes logits that no exponential holds', call(263, 0.1, 500), peaks);
  // a shader may take for granted that numbers are finite
  it.for([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
    'is finite where the reference is, with a logit of %f, on the CPU',
    async (value) => {
      const outcomes = await onCpu(2, (executor) => compareWithReference(executor, [withLogit(value)]));
      for (const { name, error } of outcomes) expect(error, name).toBeLessThan(2e-5);
    },
  );

  itAsReferenceInAnyShape(
    {
      classes: fc.integer({ min: 1, max: 70 }),
      smoothing: fc.constantFrom(0, 0.1, 0.5),
      largest: fc.constantFrom(0.01, 1, 30, 90),
    },
    ({ classes, smoothing, largest }) => call(classes, smoothing, largest)(),
  );
});

describe('bias-gradient', () => {
  itAsReference('adds rows', () => {
    const [rows, c4] = [37, 19];
    const operands = { g: tensor('g', 'store', rows * 4 * c4), ...floats({ gradient: 4 * c4 }) };
    return callOf(biasGradient, operands, { rows, c4 });
  });
});
