import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram, largestOf } from '../../../src/quantization/histogram.ts';
import { coded } from '../../support/errors.ts';

const histogramOf = (first: Float32Array, ...others: readonly Float32Array[]): Histogram => {
  const histogram = new Histogram('stem.activated', largestOf(first));
  for (const batch of [first, ...others]) histogram.add(batch);
  return histogram;
};

const finite = fc.float({ noNaN: true, min: -100, max: 100 }).filter((value) => Math.abs(value) > 0.25);
const values = fc.array(finite, { minLength: 1, maxLength: 40 }).map((list) => Float32Array.from(list));
const join = (...parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));

describe('a histogram', () => {
  it('gives the same counts for batches after the first in any order, and in any pieces', () => {
    fc.assert(
      fc.property(values, values, values, (first, second, third) => {
        const { counts } = histogramOf(first, second, third);
        expect(histogramOf(first, third, second).counts).toEqual(counts);
        expect(histogramOf(first, join(third, second)).counts).toEqual(counts);
      }),
      { numRuns: 30 },
    );
  });

  it('counts every value once', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const { counts } = histogramOf(first, second);
        expect(counts.reduce((sum, count) => sum + count)).toBe(first.length + second.length);
      }),
    );
  });

  it('counts a value that lies on a border in the lower bin, whether bins were added or not', () => {
    const first = Float32Array.of(1, 0);
    expect(histogramOf(first, Float32Array.of(-1)).counts[2047]).toBe(2);
    const grown = histogramOf(first, Float32Array.of(1.5), Float32Array.of(1)).counts;
    expect([grown.length, grown[2047], grown[3071]]).toEqual([3072, 2, 1]);
  });

  it('refuses a point that had only zeros, by its name', () => {
    expect(() => histogramOf(new Float32Array(3))).toThrow(coded('ONLY_ZEROS', /^stem\.activated: .*zeros/));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s in any batch',
    (bad) => {
      const expected = coded('VALUES_NOT_FINITE', /^stem\.activated: has a value of (NaN|Infinity)/);
      expect(() => histogramOf(Float32Array.of(1, bad, 2))).toThrow(expected);
      expect(() => histogramOf(Float32Array.of(1), Float32Array.of(1, bad, 2))).toThrow(expected);
    },
  );

  it('refuses values that would need millions of bins', () => {
    expect(() => histogramOf(Float32Array.of(1e-3), Float32Array.of(1e6))).toThrow(
      coded('UNSTEADY_RANGE', /^stem\.activated: has 1000000, /),
    );
  });
});
