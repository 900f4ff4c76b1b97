import { at } from '../../tensor-kernels/at.ts';
import { channelVectors, inputsOf, type Lazy } from '../../tensor-kernels/lazy.ts';
import { isWithin, quantized, type Range } from '../../tensor-kernels/range.ts';
import { sigmoid, silu, siluSlope } from '../../tensor-kernels/silu.ts';
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
    return map((_, channel, row) => at(ofSamples, Math.floor(row / sampleRows) * channels + channel));
  }
  const [a = nothing, b = nothing] = inputsOf(lazy).map((input) => values(input));
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
      return map((i) => silu(at(a, i)));
    case 'siluSlope':
      return map((i) => siluSlope(at(a, i)));
    case 'sigmoid':
      return map((i) => sigmoid(at(a, i)));
    case 'sigmoidSlope':
      return map((i) => at(a, i) * (1 - at(a, i)));
    case 'quantize':
    case 'withinRange': {
      const range = [...valuesOf(lazy.range)] as unknown as Range;
      return lazy.kind === 'quantize'
        ? map((i) => quantized(at(a, i), range))
        : map((i) => Number(isWithin(at(a, i), range)));
    }
    case 'add':
      return map((i) => at(a, i) + at(b, i));
    case 'multiply':
      return map((i) => at(a, i) * at(b, i));
    default: {
      const vectors = valuesOf(lazy.vectors);
      const formula = byChannel[lazy.kind];
      return map((i, c) =>
        formula((name) => at(vectors, channelVectors[name] * channels + c), at(a, i), at(b, i)),
      );
    }
  }
}

const nothing = new Float64Array();

type Formula = (vector: (name: keyof typeof channelVectors) => number, a: number, b: number) => number;

const byChannel: Readonly<Record<'normalize' | 'standardize' | 'rescale' | 'unnormalize', Formula>> = {
  normalize: (vector, x) => vector('scale') * x + vector('shift'),
  standardize: (vector, x) => (x - vector('mean')) * vector('deviation'),
  rescale: (vector, g) => vector('scale') * g,
  unnormalize: (vector, g, x) => vector('slope') * g + vector('bend') * x + vector('offset'),
};
