import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blend } from '../../../../backends/kernels/blend.ts';
import { blendTable } from '../../../../backends/kernels/blend-table.ts';

/** What blend.wgsl.ts does with a word of the table. */
function blendByTable(table: Uint32Array, first: number, second: number): number {
  const word = table[255 + second - first] as number;
  const upper = first + (word & 0xffff) - 511;
  return Math.max(0, Math.min(255, upper >= word >>> 16 ? upper : upper - 1));
}

/** The first few of all pairs of bytes for which the table gives another byte than `blend`. */
function differingPairs(factor: number): string[] {
  const table = blendTable(factor);
  const found: string[] = [];
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256 && found.length < 5; second++) {
      const [actual, expected] = [blendByTable(table, first, second), blend(first, second, factor)];
      if (actual !== expected) found.push(`${first}, ${second}: ${actual} instead of ${expected}`);
    }
  }
  return found;
}

function check(factor: number): void {
  expect(differingPairs(factor), `factor ${factor}`).toEqual([]);
}

const floats = (min: number, max: number) =>
  fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true });
/** Products next to whole numbers, where sums are rounded up to them. */
const nearFractions = fc
  .tuple(
    fc.integer({ min: -300, max: 300 }),
    fc.integer({ min: 1, max: 255 }),
    fc.integer({ min: -60, max: 60 }),
  )
  .map(([numerator, denominator, ulps]) => (numerator / denominator) * (1 + ulps * 2 ** -26));

describe('blendTable', () => {
  it('gives the bytes of blend at factors of the recipe and at extreme ones', () => {
    for (let level = 0; level <= 10; level++) check(0.1 + (level * 1.8) / 10);
    for (const factor of [0, -0, 1, 2, 0.5, -1, 255, 1 / 3, 1 / 255, 254 / 255, 0.1, 1.18, 1.36])
      check(factor);
    for (const factor of [1 - 2 ** -24, 1 + 2 ** -23, 2 ** -24, 2 ** -25, 3e-8, 5.9e-8, -3e-8, -1e-7])
      check(factor);
    for (const factor of [1e6, 1e30, 3.4e38, 1e-8, 1e-30, 1e-45]) {
      check(factor);
      check(-factor);
    }
  });

  it('gives the bytes of blend at any factor', () => {
    const factors = fc.oneof(floats(-4, 4), floats(0, 2), floats(-3.4e38, 3.4e38), nearFractions);
    fc.assert(fc.property(factors, check), { numRuns: 300 });
  });

  it('rounds up sums that the product rounded down would leave one too low', () => {
    const factor = Math.fround(1.18);
    const table = blendTable(factor);
    let count = 0;
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        const sum = first + Math.floor(Math.fround(factor * (second - first)));
        if (Math.max(0, Math.min(255, sum)) < blendByTable(table, first, second)) count++;
      }
    }
    expect(count).toBe(318);
  });
});
