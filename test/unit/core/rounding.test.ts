import { expect, it } from 'vitest';
import { roundHalfToEven } from '../../../src/core/rounding.ts';

it('rounds halves to the even neighbour and everything else to the nearest', () => {
  const inputs = [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 2.4, 2.6, -2.6, 7];
  // Python: [round(x) for x in inputs]
  expect(inputs.map((x) => roundHalfToEven(x) + 0)).toEqual([0, 2, 2, 0, -2, 0, 2, 3, -3, 7]);
});
