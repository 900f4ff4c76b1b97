import { describe } from 'vitest';
import { finiteCheck } from '../../../backends/tensor-kernels/finite-check/finite-check.ts';
import { lossScale } from '../../../backends/tensor-kernels/loss-scale/loss-scale.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

describe('loss-scale', () => {
  const call = (flag: number, state: readonly number[], growthInterval: number) => () =>
    callOf(
      lossScale,
      {
        flag: tensor('flag', 'u32', 1, () => flag),
        state: tensor('state', 'f32', 5, (i) => state[i] as number),
      },
      { growthInterval },
    );

  itAsReference('counts a good update', call(0, [128, 1, 2, 3, 1], 3));
  itAsReference('doubles', call(0, [128, 2, 2, 0, 0], 3));
  itAsReference('halves', call(1, [128, 2, 2, 1, 1], 3));
  itAsReference('never doubles', call(0, [128, 2000, 2, 0, 0], Number.POSITIVE_INFINITY));
});

describe('finite-check', () => {
  const size4 = 275;
  const call =
    (last: number, flag = 0) =>
    () =>
      callOf(
        finiteCheck,
        {
          gradients: tensor('gradients', 'f32', 4 * size4, (i) => (i === 1098 ? last : -1)),
          flag: tensor('flag', 'u32', 1, () => flag),
        },
        { size4 },
      );

  itAsReference('lets finite numbers pass', call(65504));
  itAsReference('leaves a set flag set', call(0, 1));
  itAsReference('finds an infinite number', call(Number.NEGATIVE_INFINITY));
  itAsReference('finds what is not a number', call(Number.NaN));
});
