import { expect, it } from 'vitest';
import { describeTests } from '../../../src/cli/gpu-self-test.ts';

it('says of each precision what computes it, and what was wrong in a line each', () => {
  const wrong = 'the GPU adapter X computes wrongly, driver 1: float32: stem: out is off by 0.1';
  expect(
    describeTests([
      { precision: 'float32', tier: undefined, refused: [wrong] },
      {
        precision: 'mixed',
        tier: 'packed (not half: rounding)',
        refused: ['half: rounding: 65520 becomes 1'],
      },
    ]),
  ).toEqual([
    'self-test: precision float32: cannot be used',
    `  ${wrong}`,
    'self-test: precision mixed: packed (not half: rounding)',
    '  half: rounding: 65520 becomes 1',
  ]);
});
