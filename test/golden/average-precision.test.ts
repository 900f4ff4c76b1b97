import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { multiLabelsOfRows } from '../../src/core/multi-labels.ts';
import { averagePrecisions } from '../../src/training/average-precision.ts';
import { several } from '../support/several-labels.ts';

/** Scores and labels, and what scikit-learn says of them. */
interface ScoredCase {
  readonly scores: readonly number[][];
  readonly labels: readonly number[][];
  /** Null where no row has the class. */
  readonly each: readonly (number | null)[];
  readonly mean: number;
}

/** What test/golden/make_bce_golden.py wrote. */
const golden: { readonly averagePrecision: readonly ScoredCase[] } = JSON.parse(
  readFileSync('test/golden/bce.json', 'utf8'),
);

describe('average precision, beside scikit-learn', () => {
  it.each(golden.averagePrecision)('is the same of each class, and their mean, case %#', (one) => {
    const count = one.each.length;
    const labels = several(one.labels);
    const scores = Float32Array.from(one.scores.flat());
    const { mAP, perClass } = averagePrecisions([{ scores, labels }], count);
    for (const [c, expected] of one.each.entries())
      if (expected === null) expect(perClass[c]?.averagePrecision).toBeNull();
      else expect(perClass[c]?.averagePrecision).toBeCloseTo(expected, 12);
    expect(mAP).toBeCloseTo(one.mean, 12);
  });

  it('is the same whatever the parts, and takes what is no number for the lowest', () => {
    const [one] = golden.averagePrecision as [ScoredCase];
    const labels = several(one.labels);
    const scores = Float32Array.from(one.scores.flat());
    const whole = averagePrecisions([{ scores, labels }], 3);
    const parts = [
      [20, 40],
      [0, 20],
    ].map(([first = 0, last = 0]) => ({
      scores: scores.slice(3 * first, 3 * last),
      labels: multiLabelsOfRows(labels, first, last),
    }));
    expect(averagePrecisions(parts, 3)).toEqual(whole);
    const lowest = scores.with(0, -1e30);
    expect(averagePrecisions([{ scores: scores.with(0, Number.NaN), labels }], 3)).toEqual(
      averagePrecisions([{ scores: lowest, labels }], 3),
    );
  });
});
