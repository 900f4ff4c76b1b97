import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram, largestOf } from '../../../src/quantization/histogram.ts';
import {
  calibrationMethods,
  type RangeRule,
  rangeOf,
  weightRanges,
} from '../../../src/quantization/range.ts';
import { coded } from '../../support/errors.ts';

const histogramOf = (values: Float32Array): Histogram => {
  const histogram = new Histogram('point', largestOf(values));
  histogram.add(values);
  return histogram;
};

const rule: RangeRule = { method: 'percentile', percentile: 99.99, levels: 127 };

const values = fc
  .array(fc.float({ noNaN: true, min: Math.fround(0.01), max: 100 }), { minLength: 1, maxLength: 60 })
  .map((list) => Float32Array.from(list));

describe('a range', () => {
  it('doubles where all values double', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...calibrationMethods), (list, method) => {
        const single = rangeOf(histogramOf(list), { ...rule, method });
        const double = rangeOf(histogramOf(list.map((value) => 2 * value)), { ...rule, method });
        expect(double).toBe(2 * single);
      }),
    );
  });

  it('of a percentile has so many values inside it or in its bin, and is positive', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.1, max: 100, noNaN: true }), (list, percentile) => {
        const histogram = histogramOf(list);
        const range = rangeOf(histogram, { ...rule, percentile });
        const share = (limit: number) =>
          list.filter((value) => value <= limit * (1 + 1e-9)).length / list.length;
        expect(range).toBeGreaterThan(0);
        expect(share(range + histogram.width)).toBeGreaterThanOrEqual(percentile / 100 - 1e-9);
        const below = range - histogram.width;
        if (below > 0) expect(share(below)).toBeLessThan(percentile / 100 + 1e-9);
      }),
    );
  });

  it('of a percentile does not move while the share is reached in the same bin', () => {
    const list = Float32Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000);
    const [a, b, next] = [50.01, 50.09, 50.11].map((percentile) =>
      rangeOf(histogramOf(list), { ...rule, percentile }),
    );
    expect(a).toBe(b);
    expect(next).toBeGreaterThan(b as number);
  });

  it('of least error is the smaller the fewer levels there are', () => {
    const list = Float32Array.from({ length: 4000 }, (_, i) => (i / 4000) ** 6);
    const ranges = [127, 31, 7, 3].map((levels) =>
      rangeOf(histogramOf(list), { ...rule, method: 'mse', levels }),
    );
    expect(ranges.toSorted((a, b) => b - a)).toEqual(ranges);
    expect(ranges[0]).toBeGreaterThan(ranges[3] as number);
  });
});

describe('ranges of a weight', () => {
  it('are the largest absolute values of its output channels', () => {
    const data = Float32Array.of(1, -3, 2, 0.5, 0, 0);
    expect(weightRanges('w', { shape: [3, 2, 1, 1], data })).toEqual(Float32Array.of(3, 2, 3));
  });

  it('are not to be had of zeros, nor of what is no number', () => {
    const of = (...data: number[]) =>
      weightRanges('stem.conv.weight', { shape: [2], data: Float32Array.from(data) });
    expect(() => of(0, 0)).toThrow(coded('ONLY_ZEROS', /^stem\.conv\.weight: /));
    expect(() => of(1, Number.NaN)).toThrow(coded('VALUES_NOT_FINITE', /^stem\.conv\.weight: /));
  });
});
