import { describe, expect, it } from 'vitest';
import { drawBeta } from '../../../src/core/beta.ts';
import { randomFor } from '../../../src/core/random.ts';

const COUNT = 20_000;
const draws = (alpha: number): number[] => {
  const rng = randomFor(11, 0, 0, 0, 'batch');
  return Array.from({ length: COUNT }, () => drawBeta(rng, alpha)).sort((a, b) => a - b);
};

/** Share of the sorted draws that are at most x. */
const empiricalAt = (sorted: readonly number[], x: number): number =>
  sorted.filter((v) => v <= x).length / COUNT;
/** Kolmogorov's bound at the 0.1 % level: draws of the right distribution stay below it. */
const BOUND = 1.95 / Math.sqrt(COUNT);

describe('drawBeta', () => {
  it.each([0.05, 0.2, 0.5, 1, 1.5, 2, 5, 100])('has the mean and the variance of Beta(%d, %d)', (alpha) => {
    const sample = draws(alpha);
    const mean = sample.reduce((sum, v) => sum + v) / COUNT;
    const variance = sample.reduce((sum, v) => sum + (v - mean) ** 2, 0) / COUNT;
    const expected = 1 / (4 * (2 * alpha + 1));
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / COUNT));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.05);
  });

  it.each([
    { alpha: 0.5, distribution: (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x)) },
    { alpha: 1, distribution: (x: number) => x },
    { alpha: 2, distribution: (x: number) => 3 * x ** 2 - 2 * x ** 3 },
  ])('follows the distribution function of Beta($alpha, $alpha) everywhere', ({ alpha, distribution }) => {
    const distances = draws(alpha).map((x, i) => {
      const expected = distribution(x);
      return Math.max(Math.abs((i + 1) / COUNT - expected), Math.abs(i / COUNT - expected));
    });
    expect(Math.max(...distances)).toBeLessThan(BOUND);
  });

  // regularised incomplete beta function, mpmath 1.3
  it.each([
    {
      alpha: 0.2,
      points: [
        [1e-6, 0.03320303827348906],
        [1e-3, 0.13220129172927383],
        [0.1, 0.33668977843005715],
      ],
    },
    {
      alpha: 0.2,
      points: [
        [0.25, 0.414055519521473],
        [0.4, 0.46774734929038625],
        [0.5, 0.5],
      ],
    },
    {
      alpha: 5,
      points: [
        [0.1, 0.00089092],
        [0.25, 0.04892730712890625],
        [0.4, 0.26656768],
        [0.5, 0.5],
      ],
    },
  ] as const)(
    'follows the distribution function of Beta($alpha, $alpha) at computed points',
    ({ alpha, points }) => {
      const sample = draws(alpha);
      for (const [x, expected] of points) {
        expect(Math.abs(empiricalAt(sample, x) - expected)).toBeLessThan(BOUND);
        expect(Math.abs(1 - empiricalAt(sample, 1 - x) - expected)).toBeLessThan(BOUND);
      }
    },
  );

  it('stays within 0..1 and finite for the smallest and the largest alphas', () => {
    for (const alpha of [Number.MIN_VALUE, 1e-300, 1e-9, 1e6]) {
      const rng = randomFor(3, 0, 0, 0);
      for (let i = 0; i < 200; i++) {
        const lambda = drawBeta(rng, alpha);
        expect(lambda >= 0 && lambda <= 1, `alpha ${alpha} gave ${lambda}`).toBe(true);
      }
    }
  });
});
