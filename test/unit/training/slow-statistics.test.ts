import { expect, it } from 'vitest';
import { slowStatistics } from '../../../src/training/slow-statistics.ts';

it('tells of running statistics that a short training does not replace', () => {
  // 0.99 ** 80 is 0.447
  expect(slowStatistics(0.01, 80)).toBe(
    "after 80 steps 45 % of batch norm's running statistics will still be those of the pretrained weights (--bn-momentum 0.01): evaluation may be far worse than training; a larger one replaces them sooner, such as 0.1",
  );
});

it('does not advise the momentum that there is', () => {
  expect(slowStatistics(0.1, 4)).toMatch(/^after 4 steps 66 % .*\(--bn-momentum 0\.1\).*; train longer$/);
});

it.each([
  [0.01, 300],
  [0.1, 30],
])('says nothing where a momentum of %d has replaced them in %d steps', (momentum, steps) => {
  expect(slowStatistics(momentum, steps)).toBeUndefined();
});
