import { describe, expect, it } from 'vitest';
import { type Curve, chartFigure, type Point } from '../../../src/html/chart.ts';
import { flawOf } from '../../support/well-formed.ts';

const pointsOf = (...values: readonly number[]): Point[] =>
  values.map((mean, place) => ({ from: place, to: place, mean, low: mean, high: mean }));

const chartOf = (...curves: readonly Curve[]): string =>
  chartFigure({ title: 'Loss', curves, steps: 4, stepsPerEpoch: 2 }).markup;

const lineOf = (html: string): string | undefined => html.match(/class="line" d="([^"]*)"/)?.[1];

describe('a chart', () => {
  it('draws known numbers at known places', () => {
    // 4 steps over 496 units from 52; 0..4 over 192 units up from 204
    const html = chartOf({ name: 'train', points: pointsOf(4, 2, 1), color: 1, of: 'steps' });
    expect(lineOf(html)).toBe('M52 12L176 108L300 156');
    expect(html).toContain('data-points="0,4 1,2 2,1"');
    expect(html).toContain('>step (2 per epoch)</text>');
    expect(flawOf(html)).toBeUndefined();
  });

  it('breaks a curve where the value is not a number, and marks a value that stands alone', () => {
    const points = pointsOf(4, 2, Number.NaN, 4, Number.NaN);
    const html = chartOf({ name: 'train', points, color: 1, of: 'steps' });
    expect(lineOf(html)).toBe('M52 12L176 108M424 12');
    expect(html.match(/<circle[^>]*>/g)).toEqual(['<circle cx="424" cy="12" r="1.5">']);
    expect(html).not.toMatch(/ (d|cx|cy)="[^"]*NaN/);
  });

  it('shades the range of joined values, cut off at the edges of the drawing', () => {
    const joined = (from: number, mean: number, low: number, high: number): Point => ({
      from,
      to: from + 1,
      mean,
      low,
      high,
    });
    const html = chartOf({
      name: 'train',
      points: [joined(0, 4, 2, 100), joined(2, 2, 1, 3)],
      color: 1,
      of: 'steps',
    });
    expect(html).toContain('class="band" d="M114 12L362 60L362 156L114 108Z"');
  });

  it('leaves outliers outside of the drawing, and says how far they are', () => {
    const curve = (...values: readonly number[]): Curve => ({
      name: 'val',
      points: pointsOf(...values),
      color: 2,
      of: 'epochs',
    });
    const html = chartOf(curve(26.34, 4), {
      ...curve(...Array.from({ length: 99 }, () => 2)),
      name: 'train',
    });
    expect(lineOf(html)).toBe('M52 12L176 12');
    expect(html).toContain('<text class="beyond" x="58" y="22" text-anchor="start">\u2191 26</text>');
    expect(html.match(/class="beyond"/g)).toHaveLength(1);
    // a loss that diverges is no outlier
    expect(chartOf(curve(2, 2, 50, 100))).not.toContain('beyond');
  });

  it('names its curves where there are several, escaped', () => {
    const curve: Curve = { name: '<val>', points: pointsOf(1), color: 2, of: 'epochs' };
    expect(chartOf(curve)).not.toContain('legend');
    const html = chartOf(curve, { ...curve, name: 'b' });
    expect(html).toContain('<i></i>&lt;val&gt;</li>');
    expect(flawOf(html)).toBeUndefined();
  });
});
