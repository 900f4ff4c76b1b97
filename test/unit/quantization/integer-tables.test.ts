import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOfInteger, placeOfPair } from '../../../backends/tensor-kernels/integers.ts';
import {
  meanMultiplier,
  productMultiplier,
  sigmoidTable,
  siluTable,
  siluTableOfIntegers,
  sumTable,
} from '../../../src/quantization/integer-tables.ts';

const range = fc.float({ min: 0.5, max: 20, noNaN: true });
const scale = range.map((largest) => Math.fround(largest / 127));
const at = (table: Float32Array, x: number): number => table[placeOfInteger(x)] as number;
const integers = Array.from({ length: 256 }, (_, i) => i - 128);
const held = (x: number): number => Math.max(-128, Math.min(127, x));

/** A sigmoid or SiLU that int8 holds is below 256 steps, and is rounded a few times: less than 1,600 times 2^-24 is added. */
const HALF_A_STEP = 0.5001;

/**
 * What float32 may add to half a step of a sum. It rounds six times: both ratios, their zero points' sum, what is added to the
 * products, and both products with it. Each rounding is at most 2^-24 of a number below 128 (1 + ratio + other), however far
 * the products cancel. The two ratios together count once, since 128 of each is less than that number. The twentieth is for
 * roundings of what was rounded.
 */
const roundingsOfSum = (ratio: number, other: number): number =>
  1.05 * 5 * 2 ** -24 * 128 * (1 + ratio + other);

describe('a table of one integer', () => {
  it('is within half a step of the sigmoid, in -128..127', () =>
    fc.assert(
      fc.property(scale, scale, (from, to) => {
        const table = sigmoidTable(from, to);
        const errors = integers.map((x) => Math.abs(at(table, x) - held(1 / (1 + Math.exp(-x * from)) / to)));
        expect(Math.max(...errors)).toBeLessThan(HALF_A_STEP);
      }),
    ));

  it('is within half a step of SiLU', () =>
    fc.assert(
      fc.property(scale, scale, (from, to) => {
        const table = siluTable(from, to);
        const errors = integers.map((x) =>
          Math.abs(at(table, x) - held((x * from) / (1 + Math.exp(-x * from)) / to)),
        );
        expect(Math.max(...errors)).toBeLessThan(HALF_A_STEP);
      }),
    ));

  it('rounds a sigmoid of one half to even: 63.5 steps become 64', () => {
    expect(at(sigmoidTable(0.1, Math.fround(1 / 127)), 0)).toBe(64);
  });

  it('of SiLU with a rounded sigmoid is at most a step of that, times the value, away', () => {
    const [from, to] = [Math.fround(6 / 127), Math.fround(6 / 127)];
    const [exact, rounded] = [siluTable(from, to), siluTableOfIntegers(from, to)];
    for (const x of integers)
      expect(Math.abs(at(exact, x) - at(rounded, x))).toBeLessThanOrEqual(1 + Math.abs(x) / 254);
    expect(rounded).not.toEqual(exact);
  });
});

describe('a table of two integers', () => {
  it('is within half a step of the sum', () =>
    fc.assert(
      fc.property(scale, scale, scale, (a, b, to) => {
        const table = sumTable(a, b, to);
        const errors = integers.flatMap((x) =>
          [-128, -77, 0, 1, 126, 127].map((y) =>
            Math.abs((table[placeOfPair(x, y)] as number) - held((x * a + y * b) / to)),
          ),
        );
        expect(Math.max(...errors)).toBeLessThanOrEqual(0.5 + roundingsOfSum(a / to, b / to));
      }),
      { numRuns: 20 },
    ));

  it('knows the two apart', () => {
    const table = sumTable(0.1, 0.01, 0.1);
    expect(table[placeOfPair(10, 0)]).toBe(10);
    expect(table[placeOfPair(0, 10)]).toBe(1);
  });
});

describe('multipliers', () => {
  it('are rounded where onnxruntime rounds', () => {
    const [a, b, c] = [Math.fround(0.1), Math.fround(0.3), Math.fround(0.7)];
    expect(productMultiplier(a, b, c)).toBe(Math.fround(Math.fround(a * b) / c));
    expect(meanMultiplier(a, b, 49)).toBe(Math.fround(a / Math.fround(b * 49)));
  });
});
