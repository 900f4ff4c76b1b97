import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countAxis, formatNumber, formatPercent, valueAxis } from '../../../src/html/axis.ts';
import { Series } from '../../../src/report/series.ts';

const seriesOf = (values: readonly number[], most?: number): Series => {
  const series = new Series(most);
  for (const [place, value] of values.entries()) series.add(place, value);
  return series;
};

describe('a series', () => {
  it('keeps every value while there are few', () => {
    expect(seriesOf([3, 1]).points).toEqual([
      { from: 0, to: 0, mean: 3, low: 3, high: 3 },
      { from: 1, to: 1, mean: 1, low: 1, high: 1 },
    ]);
  });

  it('joins neighbours where there are many', () => {
    expect(seriesOf([1, 3, 5, 7, 100], 4).points).toEqual([
      { from: 0, to: 1, mean: 2, low: 1, high: 3 },
      { from: 2, to: 3, mean: 6, low: 5, high: 7 },
      { from: 4, to: 4, mean: 100, low: 100, high: 100 },
    ]);
  });

  it('of any length has few points, in order, with the extremes and the mean of all values', () => {
    const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
      minLength: 1,
      maxLength: 500,
    });
    fc.assert(
      fc.property(values, (all) => {
        const { points } = seriesOf(all, 16);
        expect(points.length).toBeLessThanOrEqual(16);
        expect(points[0]?.from).toBe(0);
        expect(points.at(-1)?.to).toBe(all.length - 1);
        for (const [i, { from }] of points.entries()) expect(from).toBe((points[i - 1]?.to ?? -1) + 1);
        expect(Math.min(...points.map(({ low }) => low))).toBe(Math.min(...all));
        expect(Math.max(...points.map(({ high }) => high))).toBe(Math.max(...all));
        const sum = points.reduce((total, { from, to, mean }) => total + mean * (to - from + 1), 0);
        expect(sum).toBeCloseTo(
          all.reduce((total, value) => total + value, 0),
          6,
        );
      }),
    );
  });

  it('weighs images per second by the seconds: the mean is images over time', () => {
    const series = new Series(1);
    series.add(0, 100, 1); // 100 images in a second
    series.add(1, 10, 9); // 90 in nine
    expect(series.points).toEqual([{ from: 0, to: 1, mean: 19, low: 10, high: 100 }]);
  });

  it('leaves what is not finite out of the mean, and is not a number where nothing else is', () => {
    expect(seriesOf([Number.NaN, 4], 1).points).toEqual([{ from: 0, to: 1, mean: 4, low: 4, high: 4 }]);
    expect(seriesOf([Number.POSITIVE_INFINITY]).points).toMatchObject([{ mean: Number.NaN }]);
  });

  it('forgets what is beyond the place it goes on from', () => {
    const series = seriesOf([0, 1, 2, 3]);
    series.rewind(2);
    series.add(2, 9);
    expect(series.points.map(({ mean }) => mean)).toEqual([0, 1, 9]);
  });
});

describe('an axis', () => {
  it('has round ends and steps, and begins with 0', () => {
    const { from, to, ticks, label } = valueAxis([0.3, 2.9], formatNumber);
    expect({ from, to, labels: ticks.map(label) }).toEqual({
      from: 0,
      to: 3,
      labels: ['0', '0.5', '1', '1.5', '2', '2.5', '3'],
    });
    expect(valueAxis([0, 1], formatPercent).ticks.map((tick) => formatPercent(tick, 0.2))).toEqual([
      '0 %',
      '20 %',
      '40 %',
      '60 %',
      '80 %',
      '100 %',
    ]);
    expect(countAxis(288).ticks).toEqual([0, 50, 100, 150, 200, 250]);
  });

  it('spans any finite values, with a few ticks that differ', () => {
    const value = fc
      .double({ min: -1e30, max: 1e30, noNaN: true })
      .filter((x) => x === 0 || Math.abs(x) > 1e-30);
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), (values) => {
        const { from, to, ticks, label } = valueAxis(values, formatNumber);
        const slack = (to - from) * 1e-9;
        for (const v of values) expect(v >= from - slack && v <= to + slack).toBe(true);
        expect(to).toBeGreaterThan(from);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThanOrEqual(10);
        expect(new Set(ticks.map(label)).size).toBe(ticks.length);
      }),
    );
  });

  it.each([
    [0.05, 0.05, '0.05'],
    [12_500, 500, '12.5k'],
    [120_000, 20_000, '120k'],
    [2_500_000, 5e5, '2500k'],
    [3e6, 1e6, '3M'],
    [0.00002, 1e-5, '2e-5'],
    [1e30, 2e29, '1.0e30'],
  ])('writes %d at steps of %d as %s', (value, step, text) => {
    expect(formatNumber(value, step)).toBe(text);
  });
});
