import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithReference } from '../../../backends/reference/tensors/compare.ts';
import { weightedCrossEntropy } from '../../../backends/tensor-kernels/weighted-cross-entropy/weighted-cross-entropy.ts';
import { callOf, positive, tensor } from '../../support/kernel-calls.ts';
import { onCpu } from '../../support/tensor-calls.ts';
import { itAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

describe('weighted-cross-entropy', () => {
  const rows = 5;
  const call = (classes: number, largest: number) => () => {
    const c4 = Math.ceil(classes / 4);
    return callOf(
      weightedCrossEntropy,
      {
        logits: tensor('logits', 'f32', rows * 4 * c4, (i) => largest * (2 * positive(i + 1) - 1)),
        // most have none, as of hard labels; smoothed ones; of rare classes, more than 1. The fourth row has none at all
        targets: tensor('targets', 'f32', rows * 4 * c4, (i) =>
          Math.floor(i / (4 * c4)) === 3 ? 0 : ([0, 0.01, 2.5, 0, 0, 0.02, 0.3][i % 7] as number),
        ),
        state: tensor('state', 'f32', 5, () => 128),
        losses: tensor('losses', 'f32', rows),
        gradient: tensor('gradient', 'store', rows * 4 * c4),
      },
      { rows, classes, c4, lossFactor: 'lossFactor' },
    );
  };

  const withLogit = (value: number) => {
    const made = call(10, 1)();
    const logits = tensor('logits', 'f32', rows * 12, (i) => (i === 15 ? value : positive(i)));
    return { ...made, operands: { ...made.operands, logits } };
  };

  // a few gradients are many times the root mean square, and float16 rounds them to 11 bits
  const peaks = { packed: 0.016, half: 0.016 };

  itAsReference('takes fewer classes than lanes', call(10, 1));
  itAsReference('takes more classes than lanes', call(1001, 8));
  itAsReference('takes logits that no exponential holds', call(263, 500), peaks);
  it.for([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
    'is finite where the reference is, with a logit of %f, on the CPU',
    async (value) => {
      const outcomes = await onCpu(2, (executor) => compareWithReference(executor, [withLogit(value)]));
      for (const { name, error } of outcomes) expect(error, name).toBeLessThan(2e-5);
    },
  );

  itAsReferenceInAnyShape(
    { classes: fc.integer({ min: 1, max: 70 }), largest: fc.constantFrom(0.01, 1, 30, 90) },
    ({ classes, largest }) => call(classes, largest)(),
  );
});
