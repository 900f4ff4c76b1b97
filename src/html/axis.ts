/** A scale's ends, and the values marked on it. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  /** A value as it is written at the axis. */
  label(value: number): string;
}

/** Intervals of an axis at most. */
const INTERVALS = 7;

/** An axis over 0 and these values, all finite, from and to a round number. */
export function valueAxis(values: readonly number[], format: (value: number, step: number) => string): Axis {
  const least = values.reduce((a, b) => Math.min(a, b), 0);
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const step = roundStep((most - least || 1) / INTERVALS);
  const first = Math.floor(least / step);
  const last = Math.max(first + 1, Math.ceil(most / step));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { from: first * step, to: last * step, ticks, label: (value) => format(value, step) };
}

/** An axis of whole numbers from 0 to just the last. */
export function countAxis(last: number): Axis {
  const to = Math.max(1, last);
  const step = Math.max(1, roundStep(to / INTERVALS));
  const ticks = Array.from({ length: Math.floor(to / step) + 1 }, (_, i) => i * step);
  return { from: 0, to, ticks, label: (value) => formatNumber(value, step) };
}

/** 1, 2 or 5 times a power of ten: the smallest such step of at least this size. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= size * 0.999) as number;
  return factor * power;
}

/** A number as exact as a scale of such steps needs it: 0.05, 12, 1.5k, 2e-5. */
export function formatNumber(value: number, step: number): string {
  const [size, exact] = [Math.abs(value), Math.abs(step)];
  if (size < exact / 2) return '0';
  if (size >= 1e15 || exact < 1e-4) return value.toExponential(digitsAfter(size, exact)).replace('e+', 'e');
  const [unit, suffix] = exact >= 1e6 ? [1e6, 'M'] : size >= 1e4 && exact >= 100 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / unit).toFixed(decimals(exact / unit)))}${suffix}`;
}

export const formatPercent = (value: number, step: number): string =>
  `${formatNumber(value * 100, step * 100)} %`;

const decimals = (step: number): number => Math.max(0, -Math.floor(Math.log10(step) + 1e-9));

const digitsAfter = (size: number, step: number): number =>
  Math.min(3, Math.max(0, Math.floor(Math.log10(size)) - Math.floor(Math.log10(step) + 1e-9)));
