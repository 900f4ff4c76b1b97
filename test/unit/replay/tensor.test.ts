import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeImage as normalizePixels } from '../../../backends/kernels/finish/finish.ts';
import { normalizeTable } from '../../../backends/kernels/finish/tables.ts';
import type { RawImage, TensorFormat } from '../../../src/core/image.ts';
import { tensorImage } from '../../../src/core/tensor.ts';
import { channelStatistics, histogramOf } from '../../../src/replay/tensor.ts';
import { noise } from '../../support/images.ts';

const mean = [0.485, 0.456, 0.406] as const;
const std = [0.229, 0.224, 0.225] as const;

const anyFormat: fc.Arbitrary<TensorFormat> = fc.record({
  dtype: fc.constantFrom('float16' as const, 'float32' as const),
  layout: fc.constantFrom('nhwc' as const, 'nchw' as const),
  mean: fc.constant(mean),
  std: fc.constant(std),
});

function tensorOf(image: RawImage, format: TensorFormat): Uint8Array {
  const elements = new (format.dtype === 'float16' ? Uint16Array : Float32Array)(image.data.length);
  normalizePixels(image, normalizeTable(format), format.layout, elements);
  return new Uint8Array(elements.buffer);
}

describe('a tensor as a picture', () => {
  it('has the pixels that the tensor was made of, in any type and layout', () => {
    const side = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(anyFormat, side, side, fc.nat(), (format, width, height, seed) => {
        const image = noise({ width, height }, seed);
        expect(tensorImage(tensorOf(image, format), format, image).data).toEqual(Uint8Array.from(image.data));
      }),
    );
  });
});

describe("a channel's statistics", () => {
  const format: TensorFormat = { dtype: 'float32', layout: 'nchw', mean: [0, 0, 0.5], std: [1, 1, 0.5] };
  const data = Uint8Array.from([0, 255, 51, 0, 255, 51, 255, 255, 51, 255, 255, 204]);
  const tensor = tensorOf({ width: 2, height: 2, data }, format);

  it('are mean, standard deviation, minimum and maximum of its values alone', () => {
    expect(channelStatistics(tensor, format, 0)).toMatchObject({
      ...{ mean: 0.5, deviation: 0.5, minimum: 0, maximum: 1 },
    });
    expect(channelStatistics(tensor, format, 1)).toMatchObject({ mean: 1, deviation: 0, minimum: 1 });
    const { mean: average, minimum, maximum } = channelStatistics(tensor, format, 2);
    expect([average, minimum, maximum].map((value) => Number(value.toFixed(6)))).toEqual([-0.3, -0.6, 0.6]);
  });

  it('count every value once, between the values of black and of white', () => {
    const { from, to, counts } = channelStatistics(tensor, format, 2).histogram;
    expect([from, to]).toEqual([-1, 1]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(4);
    expect(counts.flatMap((count, bin) => (count > 0 ? [[bin, count]] : []))).toEqual([
      [12, 3],
      [51, 1],
    ]);
  });

  it('put values at the ends, and those that rounding moved beyond, into the outer bins', () => {
    const values = Float32Array.of(0, 1, -0.001, 1.001, 0.5);
    expect(histogramOf(values, 0, 1, 4).counts).toEqual([2, 0, 1, 2]);
  });
});
