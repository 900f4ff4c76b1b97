import type { NamedTensor } from '../core/trainer.ts';

/** A batch norm's tensors, each [channels]. */
export interface BatchNormTensors {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** What a batch norm does to each channel: `factor` times x, plus `offset`. In float64. */
export interface ChannelMap {
  readonly factor: Float64Array;
  readonly offset: Float64Array;
}

export function channelMap({ scale, shift, mean, variance }: BatchNormTensors, epsilon: number): ChannelMap {
  const factor = Float64Array.from(scale, (one, c) => one / Math.sqrt((variance[c] as number) + epsilon));
  const offset = factor.map((one, c) => (shift[c] as number) - one * (mean[c] as number));
  return { factor, offset };
}

/** A filter [outputs, ...] with its batch norm's factors in it, rounded once. */
export function scaledFilter({ shape, data }: NamedTensor, { factor }: ChannelMap): Float32Array {
  const perOutput = data.length / (shape[0] as number);
  return data.map((value, i) => value * (factor[Math.floor(i / perOutput)] as number));
}
