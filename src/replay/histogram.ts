import { formatNumber, valueAxis } from '../html/axis.ts';
import { element, type Markup } from '../html/markup.ts';
import type { ChannelStatistics } from './tensor.ts';
import { shortNumber } from './words.ts';

const size = { width: 300, height: 150 };
const plot = { left: 8, right: 292, top: 10, bottom: 122 };

/** A channel's values as a figure with SVG, its mean marked; all channels share one scale. */
export function histogramFigure(
  name: string,
  { histogram, mean, deviation, minimum, maximum }: ChannelStatistics,
  { from, to }: { readonly from: number; readonly to: number },
): Markup {
  const place = (value: number) =>
    Number((plot.left + ((value - from) / (to - from)) * (plot.right - plot.left)).toFixed(1));
  const facts = [
    ['mean', mean],
    ['standard deviation', deviation],
    ['minimum', minimum],
    ['maximum', maximum],
  ] as const;
  const at = place(mean);
  return element(
    'figure',
    { class: `chart ${name}` },
    element('figcaption', {}, element('h3', {}, name)),
    element(
      'svg',
      { viewBox: `0 0 ${size.width} ${size.height}`, role: 'img', 'aria-label': `histogram of ${name}` },
      ticks(from, to, place),
      element('path', { class: 'bins', d: binsPath(histogram, place) }),
      element('line', { class: 'mean', x1: at, x2: at, y1: plot.top, y2: plot.bottom }),
    ),
    element(
      'dl',
      { class: 'words' },
      facts.map(([fact, value]) =>
        element('div', {}, element('dt', {}, fact), element('dd', {}, shortNumber(value))),
      ),
    ),
  );
}

function ticks(from: number, to: number, place: (value: number) => number): Markup[] {
  const axis = valueAxis([from, to], formatNumber);
  return axis.ticks
    .filter((value) => value >= from && value <= to)
    .flatMap((value) => {
      const at = place(value);
      return [
        element('line', { class: 'grid', x1: at, x2: at, y1: plot.top, y2: plot.bottom }),
        element('text', { x: at, y: plot.bottom + 18, 'text-anchor': 'middle' }, axis.label(value)),
      ];
    });
}

/** One outline around all bins. */
function binsPath(
  { from, to, counts }: ChannelStatistics['histogram'],
  place: (value: number) => number,
): string {
  const most = Math.max(...counts);
  const edge = (bin: number) => place(from + (bin / counts.length) * (to - from));
  const height = (count: number) =>
    Number((plot.bottom - (count / most) * (plot.bottom - plot.top)).toFixed(1));
  const steps = counts.map((count, bin) => `V${height(count)}H${edge(bin + 1)}`);
  return `M${edge(0)} ${plot.bottom}${steps.join('')}V${plot.bottom}Z`;
}
