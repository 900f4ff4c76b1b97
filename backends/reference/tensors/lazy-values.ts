import { channelVectors, inputsOf, type Lazy } from '../../tensor-kernels/lazy.ts';
import type { View } from '../../tensor-kernels/tensor.ts';

/** Where a lazy value is taken: rows of `channels`, `sampleRows` of them a sample. */
export interface Extent {
  readonly rows: number;
  readonly channels: number;
  readonly sampleRows: number;
}

/** A lazy value's values [rows, channels] in float64; `output` stands for what a kernel has computed. */
export function lazyValues(
  lazy: Lazy,
  extent: Extent,
  valuesOf: (view: View) => Float64Array,
  output?: Float64Array,
): Float64Array {
  const { rows, channels, sampleRows } = extent;
  const values = (one: Lazy, size = rows) => lazyValues(one, { ...extent, rows: size }, valuesOf, output);
  const map = (formula: (i: number, channel: number, row: number) => number): Float64Array =>
    Float64Array.from({ length: rows * channels }, (_, i) =>
      formula(i, i % channels, Math.floor(i / channels)),
    );
  if (lazy.kind === 'perSample') {
    const ofSamples = values(lazy.of, Math.ceil(rows / sampleRows));
    return map((_, channel, row) => ofSamples[Math.floor(row / sampleRows) * channels + channel] as number);
  }
  const [a = nothing, b = nothing] = inputsOf(lazy).map((input) => values(input));
  const at = (list: Float64Array, i: number) => list[i] as number;
  switch (lazy.kind) {
    case 'load':
      return valuesOf(lazy.view).subarray(0, rows * channels);
    case 'output':
      return output ?? nothing;
    case 'one':
      return map(() => 1);
    case 'sampleFactor': {
      const factors = valuesOf(lazy.view);
      return map((_, __, row) => at(factors, Math.floor(row / sampleRows)));
    }
    case 'overRows':
      return map((i) => at(a, i) / sampleRows);
    case 'silu':
      return map((i) => at(a, i) * sigmoid(at(a, i)));
    case 'siluSlope':
      return map((i) => siluSlope(at(a, i)));
    case 'add':
      return map((i) => at(a, i) + at(b, i));
    case 'multiply':
      return map((i) => at(a, i) * at(b, i));
    default: {
      const vectors = valuesOf(lazy.vectors);
      const vector = (name: keyof typeof channelVectors, channel: number) =>
        at(vectors, channelVectors[name] * channels + channel);
      if (lazy.kind === 'normalize') return map((i, c) => vector('scale', c) * at(a, i) + vector('shift', c));
      if (lazy.kind === 'standardize')
        return map((i, c) => (at(a, i) - vector('mean', c)) * vector('deviation', c));
      return map(
        (i, c) => vector('slope', c) * at(a, i) + vector('bend', c) * at(b, i) + vector('offset', c),
      );
    }
  }
}

const nothing = new Float64Array();

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function siluSlope(x: number): number {
  const s = sigmoid(x);
  return s * (1 + x * (1 - s));
}
