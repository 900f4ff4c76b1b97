import type { TensorFormat } from '../core/image.ts';
import { channelElements } from '../core/tensor.ts';

/** The values of one channel of a tensor. */
export interface ChannelStatistics {
  readonly mean: number;
  /** Standard deviation of all values, not of a sample of them. */
  readonly deviation: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly histogram: Histogram;
}

/** How many values lie in each of equally wide bins from `from` to `to`, the values of black and of white. */
export interface Histogram {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

/** About four of the 256 levels of a pixel a bin. */
const BINS = 64;

export function channelStatistics(
  tensor: Uint8Array,
  format: TensorFormat,
  channel: number,
): ChannelStatistics {
  const elements = channelElements(tensor, format, channel);
  const [mean, std] = [format.mean[channel] as number, format.std[channel] as number];
  const average = elements.reduce((sum, value) => sum + value, 0) / elements.length;
  const variance = elements.reduce((sum, value) => sum + (value - average) ** 2, 0) / elements.length;
  return {
    mean: average,
    deviation: Math.sqrt(variance),
    minimum: elements.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    maximum: elements.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    histogram: histogramOf(elements, -mean / std, (1 - mean) / std),
  };
}

/** Counts values into bins; one outside, by a rounding or where parts were erased, into the nearest. */
export function histogramOf(values: Float32Array, from: number, to: number, bins = BINS): Histogram {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((value - from) / (to - from)) * bins)));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { from, to, counts };
}
