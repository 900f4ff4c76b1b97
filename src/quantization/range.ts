import { TrainerError } from '../core/errors.ts';
import type { NamedTensor } from '../core/trainer.ts';
import type { Histogram } from './histogram.ts';

/** How a range is chosen: `percentile` leaves a few outliers outside, `mse` weighs them against finer steps, `max` keeps all. */
export const calibrationMethods = ['percentile', 'mse', 'max'] as const;
export type CalibrationMethod = (typeof calibrationMethods)[number];

export interface RangeRule {
  readonly method: CalibrationMethod;
  /** Of method `percentile`: how many percent of the values lie inside the range. */
  readonly percentile?: number;
  /** Largest integer that the range is divided into. */
  readonly levels: number;
}

/** The largest absolute value that int8 is to represent. */
export function rangeOf(histogram: Histogram, { method, percentile = 100, levels }: RangeRule): number {
  if (method === 'max') return histogram.largest;
  return method === 'mse' ? rangeOfLeastError(histogram, levels) : rangeOfPercentile(histogram, percentile);
}

/** As pytorch_quantization has it: the lower border of the bin where so many percent are reached. */
function rangeOfPercentile({ counts, width }: Histogram, percentile: number): number {
  const enough = counts.reduce((sum, count) => sum + count) * (percentile / 100);
  let sum = 0;
  const bin = counts.findIndex((count) => {
    sum += count;
    return sum >= enough;
  });
  // the first bin's lower border, 0, is no range
  return Math.max(bin, 1) * width;
}

/** Ranges that are tried at most: all bins, unless they became eight times as many as in the first batch. */
const MOST_TRIED = 2 ** 14;

/** As pytorch_quantization has it, but for bins below the 128th, which it does not try: a few levels may want them. */
function rangeOfLeastError({ counts, width }: Histogram, levels: number): number {
  const bins = counts.length;
  const filled = [...counts.keys()].filter((bin) => counts[bin] !== 0);
  const centres = Float64Array.from(filled, (bin) => (bin + 0.5) * width);
  const weights = Float64Array.from(filled, (bin) => counts[bin] as number);
  let best = { range: 0, error: Number.POSITIVE_INFINITY };
  for (let bin = 0; bin < bins; bin += Math.ceil(bins / MOST_TRIED)) {
    const range = (bin + 0.5) * width;
    const error = roundingError(centres, weights, range / levels, levels);
    if (error < best.error) best = { range, error };
  }
  return best.range;
}

/** Sum of the squared distances from values to what they are rounded to. */
function roundingError(centres: Float64Array, weights: Float64Array, scale: number, levels: number): number {
  let error = 0;
  for (let i = 0; i < centres.length; i++) {
    const centre = centres[i] as number;
    const distance = Math.min(Math.round(centre / scale), levels) * scale - centre;
    error += distance * distance * (weights[i] as number);
  }
  return error;
}

/**
 * Largest absolute value of each output channel. A channel of zeros has the whole tensor's: any range leaves it zero, and this one
 * lets training move it.
 */
export function weightRanges(name: string, { shape, data }: NamedTensor): Float32Array {
  const [outputs = 1] = shape;
  const size = data.length / outputs;
  const ranges = new Float32Array(outputs);
  for (let i = 0; i < data.length; i++) {
    const output = Math.floor(i / size);
    ranges[output] = Math.max(ranges[output] as number, Math.abs(data[i] as number));
  }
  const largest = ranges.reduce((a, b) => Math.max(a, b));
  if (!Number.isFinite(largest))
    throw new TrainerError(
      'VALUES_NOT_FINITE',
      `${name}: has a value of ${largest}, so no range can be found`,
    );
  if (largest === 0)
    throw new TrainerError('ONLY_ZEROS', `${name}: has only zeros, so no range can be found`);
  return ranges.map((range) => (range === 0 ? largest : range));
}
