import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  quantizedImage,
  thresholdsOf,
  thresholdsSize,
} from '../../../backends/tensor-kernels/image-thresholds.ts';
import { LOOKUP_SIZE, PAIR_SIZE, requantized } from '../../../backends/tensor-kernels/integers.ts';
import {
  type Lazy,
  load,
  lookup,
  lookupPair,
  multiply,
  perSample,
  requantize,
} from '../../../backends/tensor-kernels/lazy.ts';
import { materialize } from '../../../backends/tensor-kernels/materialize/materialize.ts';
import { quantizeImages } from '../../../backends/tensor-kernels/quantize-images/quantize-images.ts';
import type { View } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { randomFor } from '../../../src/core/random.ts';
import { roundHalfToEven } from '../../../src/core/rounding.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { knownFloats } from '../../support/known-floats.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

/** No value may differ. */
const exactly = { float32: 1e-12, packed: 1e-12, half: 1e-12 };
const rng = randomFor(5, 0, 0, 0);
const integer = (): number => Math.floor(rng.uniform(-128, 128));
const sum = (): number => Math.floor(rng.uniform(-(2 ** 23), 2 ** 23));
const [rows, channels, sampleRows] = [37, 12, 9];

const integers = (name: string, size = rows * channels): View => tensor(name, 'f32', size, integer);
const table = (size: number): View => tensor('table', 'f32', size, integer);

/** Multipliers that bring sums near to int8, and biases; a third of the products are made to end in a half. */
const vectorsOf = (shift: number, multiplier: () => number): View =>
  knownFloats('vectors', 3 * channels, (i) => {
    if (i < channels) return Math.floor(rng.uniform(-1000, 1000));
    return i < 2 * channels ? multiplier() : shift;
  });

const storing = (x: Lazy): TensorCall =>
  callOf(
    materialize,
    { x, out: tensor('out', 'f32', rows * channels) },
    { rows, c4: channels / 4, sampleRows },
  );

describe('integers of int8', () => {
  itAsReference(
    'are made of sums of products',
    () => {
      const sums = load(knownFloats('sums', rows * channels, sum));
      return storing(
        requantize(
          sums,
          vectorsOf(0, () => rng.uniform(0.5, 2) * 2 ** -16),
        ),
      );
    },
    exactly,
  );

  itAsReference(
    'are made of sums that stand between two integers',
    () => {
      const sums = load(knownFloats('sums', rows * channels, () => Math.floor(rng.uniform(-400, 400))));
      return storing(
        requantize(
          sums,
          vectorsOf(0, () => 0.5),
        ),
      );
    },
    exactly,
  );

  itAsReference(
    'are made of products by factors of a sample, with a shift',
    () => {
      const factors = integers('factors', Math.ceil(rows / sampleRows) * channels);
      const products = multiply(load(integers('x')), perSample(load(factors)));
      return storing(
        requantize(
          products,
          vectorsOf(128, () => rng.uniform(0.5, 2) * 2 ** -7),
        ),
      );
    },
    exactly,
  );

  itAsReference('are looked up', () => storing(lookup(load(integers('x')), table(LOOKUP_SIZE))), exactly);

  itAsReference(
    'are looked up in pairs',
    () => storing(lookupPair(load(integers('x')), load(integers('y')), table(PAIR_SIZE))),
    exactly,
  );

  it('are half to even of a product, held to int8', () => {
    const cases = [0.5, 1.5, -0.5, -1.5, 126.5, 127.5, 300, -129, -128.5];
    expect(cases.map((x) => requantized(2 * x, 0, 0.5, 0) + 0)).toEqual([
      0, 2, 0, -2, 126, 127, 127, -128, -128,
    ]);
  });
});

describe('images', () => {
  const scale = Math.fround(2.64 / 127);
  const thresholds = () => knownFloats('thresholds', thresholdsSize, (i) => thresholdsOf(scale)[i] as number);
  const image = (size: number, element: 'f32' | 'f16'): TensorCall => {
    const size4 = Math.ceil(size / 4);
    const images = tensor('images', element, 4 * size4, () => rng.uniform(-3, 3));
    const out = tensor('out', 'f32', 4 * size4);
    return callOf(quantizeImages, { images, thresholds: thresholds(), out }, { size4 });
  };

  for (const element of ['f32', 'f16'] as const)
    itAsReference(
      `of ${element} become integers, in more than one tile`,
      () => image(8221, element),
      exactly,
    );

  itAsReference(
    'become integers at the thresholds themselves, and next to them',
    () => {
      const limits = [...thresholdsOf(scale)].slice(1, 256);
      const near = limits.flatMap((x) => [x, Math.fround(x - 1e-7), Math.fround(x + 1e-7), 2 * x]);
      const images = knownFloats('images', near.length, (i) => near[i] as number);
      const out = tensor('out', 'f32', near.length);
      return callOf(quantizeImages, { images, thresholds: thresholds(), out }, { size4: near.length / 4 });
    },
    exactly,
  );

  it('become the integers that a division gives', () =>
    fc.assert(
      fc.property(
        fc.float({ min: Math.fround(1e-3), max: 1e3, noNaN: true }),
        fc.array(fc.float({ min: -200, max: 200, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (step, multiples) => {
          const limits = thresholdsOf(step);
          for (const multiple of multiples) {
            const x = Math.fround(multiple * step);
            const quotient = roundHalfToEven(Math.fround(x / step));
            expect(quantizedImage(x, limits) + 0).toBe(Math.max(-128, Math.min(127, quotient)) + 0);
          }
        },
      ),
    ));
});
