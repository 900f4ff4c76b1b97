import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareWithReference } from '../../backends/reference/tensors/compare.ts';
import type { binaryCrossEntropy } from '../../backends/tensor-kernels/binary-cross-entropy/binary-cross-entropy.ts';
import type { Tier } from '../../backends/tensor-kernels/kernel-form.ts';
import type { weightedCrossEntropy } from '../../backends/tensor-kernels/weighted-cross-entropy/weighted-cross-entropy.ts';
import { callOf, positive, tensor } from './kernel-calls.ts';
import { onCpu } from './tensor-calls.ts';
import { itAsReferenceInAnyShape } from './tensor-shapes.ts';
import { itAsReference } from './tensor-tests.ts';

const ROWS = 5;

/**
 * That a loss of targets for each class is what its reference says, whatever logits there are.
 *
 * @param targetAt of a place in targets [5, stride], a stride being the classes and their padding
 * @param peaks tolerances where logits are large
 */
export function itIsLossOfTargets(
  kernel: typeof binaryCrossEntropy | typeof weightedCrossEntropy,
  targetAt: (place: number, stride: number) => number,
  peaks: Partial<Record<Tier, number>> = {},
): void {
  const call = (classes: number, largest: number) => () => {
    const c4 = Math.ceil(classes / 4);
    return callOf(
      kernel,
      {
        logits: tensor('logits', 'f32', ROWS * 4 * c4, (i) => largest * (2 * positive(i + 1) - 1)),
        targets: tensor('targets', 'f32', ROWS * 4 * c4, (i) => targetAt(i, 4 * c4)),
        state: tensor('state', 'f32', 5, () => 128),
        losses: tensor('losses', 'f32', ROWS),
        gradient: tensor('gradient', 'store', ROWS * 4 * c4),
      },
      { rows: ROWS, classes, c4, lossFactor: 'lossFactor' },
    );
  };
  const withLogit = (value: number) => {
    const made = call(10, 1)();
    const logits = tensor('logits', 'f32', ROWS * 12, (i) => (i === 15 ? value : positive(i)));
    return { ...made, operands: { ...made.operands, logits } };
  };

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
}
