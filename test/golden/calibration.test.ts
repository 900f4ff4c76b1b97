import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Histogram, largestOf } from '../../src/quantization/histogram.ts';
import { type CalibrationMethod, rangeOf } from '../../src/quantization/range.ts';

/** What make_calibration_golden.py wrote. */
interface GoldenCase {
  readonly seed: number;
  readonly rows: readonly number[];
  readonly factors: readonly number[];
  readonly positive: boolean;
  readonly bins: number;
  /** Of the bins 0, 1, 100 and the last. */
  readonly counts: readonly number[];
  readonly percentile: Readonly<Record<string, number>>;
  readonly mse: Readonly<Record<string, number>>;
  readonly max: number;
}

const { cases } = JSON.parse(readFileSync('test/golden/calibration.json', 'utf8')) as {
  readonly cases: Readonly<Record<string, GoldenCase>>;
};

const valuesOf = (seed: number, count: number, factor: number, isPositive: boolean): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => {
    const bits = (Math.imul(index, 2654435761) + seed * 40503 * 65537) % 2 ** 32;
    const x = ((bits + 2 ** 32) % 2 ** 32) / 2 ** 31 - 1;
    return isPositive ? Math.abs(x * x * x * factor) : x * x * x * factor;
  });

function histogramOf({ seed, rows, factors, positive }: GoldenCase): Histogram {
  const batches = rows.map((count, i) => valuesOf(seed + i, count, factors[i] as number, positive));
  const histogram = new Histogram('point', largestOf(batches[0] as Float32Array));
  for (const batch of batches) histogram.add(batch);
  return histogram;
}

describe.each(Object.entries(cases))('calibration as in pytorch_quantization: %s', (_, golden) => {
  const histogram = histogramOf(golden);
  const range = (method: CalibrationMethod, { percentile = 99.99, levels = 127 } = {}) =>
    rangeOf(histogram, { method, percentile, levels });

  it('counts the same values into the same bins', () => {
    const { counts } = histogram;
    expect(counts).toHaveLength(golden.bins);
    expect([0, 1, 100, counts.length - 1].map((bin) => counts[bin])).toEqual(golden.counts);
  });

  it.each(Object.entries(golden.percentile))(
    'has the same range for percentile %s',
    (percentile, expected) => {
      expect(range('percentile', { percentile: Number(percentile) })).toBeCloseTo(expected, 12);
    },
  );

  it.each(Object.entries(golden.mse))(
    'has the same range of least error for %s levels',
    (levels, expected) => {
      expect(range('mse', { levels: Number(levels) })).toBeCloseTo(expected, 12);
    },
  );

  it('has the same largest value', () => {
    expect(range('max')).toBe(golden.max);
  });
});
