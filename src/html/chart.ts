import { type Axis, countAxis, formatNumber, formatPercent, valueAxis } from './axis.ts';
import { type Child, element, type Markup } from './markup.ts';

/** Neighbouring values of a metric, as one point of a curve. */
export interface Point {
  /** First and last place of the values. */
  readonly from: number;
  readonly to: number;
  /** Weighted mean and extremes of the values that are finite; NaN where there is none. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
  /** Number of its colour, 1 to 4. */
  readonly color: number;
  /** 'steps': thin, with the range of joined values behind it; 'epochs': thick, with its points marked. */
  readonly of: 'steps' | 'epochs';
}

export interface Chart {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** Value that is read at the axis's end beside those of the curves. */
  readonly reaches?: number;
  /** Steps of the run so far: all charts of a page have one scale. */
  readonly steps: number;
  readonly stepsPerEpoch: number | undefined;
  /** Shares are written as percentages. */
  readonly unit?: '%';
}

/** The drawing, and the place of its axes, in its own units: about a pixel each. */
export const size = { width: 560, height: 240 };
export const plot = { left: 52, right: 548, top: 12, bottom: 204 };
/** Points of a curve are marked while they can be told apart. */
const MOST_MARKS = 40;

interface Scales {
  readonly x: Axis;
  readonly y: Axis;
}

/** A chart of curves over steps as a figure with SVG: title, legend, axes. */
export function chartFigure(chart: Chart): Markup {
  const { title, curves, stepsPerEpoch } = chart;
  const scales = scalesOf(chart);
  // a curve that is alone is what the title says
  const named = curves.length > 1 ? curves : [];
  const legend = named.map(({ name, color, of }) =>
    element('li', { class: `key ${of} c${color}` }, element('i', {}), name),
  );
  const attributes = {
    viewBox: `0 0 ${size.width} ${size.height}`,
    role: 'img',
    'aria-label': `${title}, by step`,
    'data-steps': chart.steps,
    'data-epoch': stepsPerEpoch,
    'data-unit': chart.unit,
  };
  return element(
    'figure',
    { class: 'chart' },
    element(
      'figcaption',
      {},
      element('h3', {}, title),
      legend.length > 0 ? element('ul', { class: 'legend' }, legend) : undefined,
    ),
    element(
      'svg',
      attributes,
      grid(scales),
      curves.map((curve) => drawCurve(curve, scales, chart.unit === '%' ? 100 : 1)),
      stepLabel(chart),
    ),
  );
}

/** The value axis spans what the lines show but for outliers; extremes of joined values may lie beyond as well. */
function scalesOf({ curves, reaches, steps, unit }: Chart): Scales {
  const values = curves.flatMap(({ points }) => points.map(({ mean }) => mean)).filter(Number.isFinite);
  const shown = withoutOutliers(values);
  if (reaches !== undefined) shown.push(reaches);
  return { x: countAxis(steps), y: valueAxis(shown, unit === '%' ? formatPercent : formatNumber) };
}

/** A loss of 26 among many of 2 would leave nothing to see of those. */
function withoutOutliers(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const usual = sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 0;
  return usual > 0 ? sorted.filter((value) => value <= 3 * usual) : sorted;
}

function grid({ x, y }: Scales): Child[] {
  const across = y.ticks.map((value) => {
    const at = round(placeY(y, value));
    return [
      element('line', { class: 'grid', x1: plot.left, x2: plot.right, y1: at, y2: at }),
      element('text', { x: plot.left - 8, y: at + 4, 'text-anchor': 'end' }, y.label(value)),
    ];
  });
  const along = x.ticks.map((value) => {
    const at = round(placeX(x, value));
    return [
      element('line', { class: 'tick', x1: at, x2: at, y1: plot.bottom, y2: plot.bottom + 4 }),
      element('text', { x: at, y: plot.bottom + 17, 'text-anchor': 'middle' }, x.label(value)),
    ];
  });
  return [across, along];
}

function stepLabel({ stepsPerEpoch }: Chart): Markup {
  const text = stepsPerEpoch === undefined ? 'step' : `step (${stepsPerEpoch} per epoch)`;
  return element('text', { x: plot.right, y: size.height - 4, 'text-anchor': 'end' }, text);
}

function drawCurve({ name, points, color, of }: Curve, scales: Scales, factor: number): Markup {
  const runs = unbroken(points).map((run) => run.map((point) => place(point, scales)));
  const isMarked = of === 'epochs' && points.length <= MOST_MARKS;
  const marked = runs.filter((run) => isMarked || run.length === 1).flat();
  const values = points.map(
    (point) => `${round(middle(point))},${Number((factor * point.mean).toPrecision(5))}`,
  );
  return element(
    'g',
    { class: `${of} c${color}`, 'data-name': name, 'data-points': values.join(' ') },
    runs.filter((run) => run.some(({ low, high }) => low - high > 1)).map(band),
    element('path', { class: 'line', d: runs.map(line).join('') }),
    marked.map(({ x, y }) => element('circle', { cx: x, cy: y, r: isMarked ? 3 : 1.5 })),
    farthest(points, scales),
  );
}

/** Says how high the curve goes where it leaves the drawing. */
function farthest(points: readonly Point[], { x, y }: Scales): Markup | undefined {
  const beyond = points.filter(({ mean }) => mean > y.to);
  if (beyond.length === 0) return undefined;
  const top = beyond.reduce((most, point) => (point.mean > most.mean ? point : most));
  const at = placeX(x, middle(top));
  const [side, anchor] = at < size.width / 2 ? [6, 'start'] : [-6, 'end'];
  const text = `\u2191 ${y.label(Number(top.mean.toPrecision(3)))}`;
  return element(
    'text',
    { class: 'beyond', x: round(at + side), y: plot.top + 10, 'text-anchor': anchor },
    text,
  );
}

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

const line = (run: readonly Placed[]): string =>
  run.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');

/** The area between lowest and highest values. */
function band(run: readonly Placed[]): Markup {
  const there = run.map(({ x, high }) => `${x} ${high}`);
  const back = run.map(({ x, low }) => `${x} ${low}`).reverse();
  return element('path', { class: 'band', d: `M${[...there, ...back].join('L')}Z` });
}

/** The curve's pieces between values that are not finite. */
function unbroken(points: readonly Point[]): Point[][] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point.mean)) runs.at(-1)?.push(point);
    else runs.push([]);
  }
  return runs.filter(({ length }) => length > 0);
}

const middle = ({ from, to }: Point): number => (from + to) / 2;

function place(point: Point, { x, y }: Scales): Placed {
  const within = (value: number) => Math.min(plot.bottom, Math.max(plot.top, round(placeY(y, value))));
  const { mean, low, high } = point;
  return { x: round(placeX(x, middle(point))), y: within(mean), low: within(low), high: within(high) };
}

const placeX = ({ from, to }: Axis, value: number): number =>
  plot.left + ((value - from) / (to - from)) * (plot.right - plot.left);
const placeY = ({ from, to }: Axis, value: number): number =>
  plot.bottom - ((value - from) / (to - from)) * (plot.bottom - plot.top);

const round = (value: number): number => Number(value.toFixed(1));
