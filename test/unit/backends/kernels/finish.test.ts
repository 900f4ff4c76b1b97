import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fixedToFloat,
  fixedToHalf,
  normalizeImage,
  normalizeMixed,
} from '../../../../backends/kernels/finish/finish.ts';
import { mixTables, normalizeTable } from '../../../../backends/kernels/finish/tables.ts';
import { ParameterError } from '../../../../src/core/errors.ts';
import { fromHalf, toHalf } from '../../../../src/core/half.ts';
import type { TensorFormat } from '../../../../src/core/image.ts';
import { noise } from '../../../support/images.ts';

const imageNet: TensorFormat = {
  dtype: 'float16',
  layout: 'nhwc',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
/** Leaves v / 255 as it is. */
const plain: TensorFormat = { ...imageNet, mean: [0, 0, 0], std: [1, 1, 1] };
/** Gives 0..255. */
const bytes: TensorFormat = { ...plain, std: [1 / 255, 1 / 255, 1 / 255] };

describe('normalizeTable', () => {
  it('holds known halves for ImageNet', () => {
    const table = normalizeTable(imageNet);
    // black and white, worked out by hand: -0.485 / 0.229 = -2.1179, (1 - 0.406) / 0.225 = 2.64
    expect(table[0]).toBe(0xc03c);
    expect(table[767]).toBe(0x4148);
    expect(table).toHaveLength(768);
  });

  it('gives the bytes themselves where mean is 0 and std 1/255', () => {
    const values = Array.from(normalizeTable(bytes), fromHalf);
    expect(values).toEqual([0, 1, 2].flatMap(() => Array.from({ length: 256 }, (_, v) => v)));
  });

  it('is within half a unit in the last place of the exact quotient', () => {
    for (const [v, half] of normalizeTable(plain).entries()) {
      const exact = (v & 255) / 255;
      const neighbour = Math.abs(fromHalf(half + 1) - fromHalf(half));
      expect(Math.abs(fromHalf(half) - exact)).toBeLessThanOrEqual(neighbour / 2);
    }
  });

  it('rounds float32 once from float64', () => {
    const table = normalizeTable({ ...imageNet, dtype: 'float32' });
    expect(table[300]).toBe(Math.fround((44 / 255 - 0.456) / 0.224));
  });
});

describe('mixTables', () => {
  it('weights sum to the whole value within one unit', () => {
    const whole = mixTables(imageNet, 1);
    const { own, other, shift } = mixTables(imageNet, 0.3);
    expect(shift).toBe(4);
    expect(whole.other.every((value) => value === 0)).toBe(true);
    for (let i = 0; i < 768; i++) {
      const sum = (own[i] as number) + (other[i] as number);
      expect(Math.abs(sum - (whole.own[i] as number))).toBeLessThanOrEqual(1);
    }
  });

  it('lowers the shift until the largest value fits an i32', () => {
    const withStd = (std: number): TensorFormat => ({ ...plain, std: [1, std, 1] });
    const shifts = [1, 1 / 7.9, 1 / 8, 1 / 127, 1 / 255, 1 / 65_000].map(
      (std) => mixTables(withStd(std), 1).shift,
    );
    expect(shifts).toEqual([4, 4, 3, 0, -1, -9]);
  });

  it('refuses values that no half can hold', () => {
    expect(() => mixTables({ ...plain, std: [1e-5, 1, 1] }, 0.5)).toThrow(ParameterError);
  });
});

describe('fixedToHalf', () => {
  const fixed = fc.oneof(
    fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
    fc.integer({ min: -70_000, max: 70_000 }),
  );

  it('equals rounding of the exact number for every shift', () => {
    fc.assert(
      fc.property(fixed, fc.integer({ min: -9, max: 4 }), (value, shift) => {
        const exact = value * 2 ** -(24 + shift);
        fc.pre(Math.abs(exact) < 65_536);
        expect(fixedToHalf(value, shift)).toBe(value === 0 ? 0 : toHalf(exact));
        expect(fixedToFloat(value, shift)).toBe(Math.fround(exact));
      }),
      { numRuns: 5000 },
    );
  });

  it('rounds every middle between two halves to the even one, one unit more or less to the nearer', () => {
    const wrong = [];
    for (let half = 0; half < toHalf(8); half++) {
      const middle = ((fromHalf(half) + fromHalf(half + 1)) / 2) * 2 ** 28;
      for (const value of [middle - 1, middle, middle + 1]) {
        if (fixedToHalf(value, 4) !== toHalf(value * 2 ** -28)) wrong.push(value);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('normalize', () => {
  const image = noise({ width: 5, height: 3 }, 1);
  const partner = noise({ width: 5, height: 3 }, 2);

  it('puts channels last in nhwc and first in nchw', () => {
    const table = normalizeTable(bytes);
    const last = new Uint16Array(45);
    const first = new Uint16Array(45);
    normalizeImage(image, table, 'nhwc', last);
    normalizeImage(image, table, 'nchw', first);
    expect(Array.from(last, fromHalf)).toEqual([...image.data]);
    const planes = [0, 1, 2].flatMap((channel) => [...image.data].filter((_, i) => i % 3 === channel));
    expect(Array.from(first, fromHalf)).toEqual(planes);
  });

  it('blends halfway between an image and its partner', () => {
    const output = new Uint16Array(45);
    normalizeMixed(image, partner, mixTables(bytes, 0.5), bytes, output);
    const means = [...image.data].map((v, i) => (v + (partner.data[i] as number)) / 2);
    expect(Array.from(output, fromHalf)).toEqual(means);
  });

  it('stays within one unit in the last place of the exact blend', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (lambda) => {
        const output = new Uint16Array(45);
        normalizeMixed(image, partner, mixTables(imageNet, lambda), imageNet, output);
        for (const [i, half] of output.entries()) {
          const [mean, std] = [imageNet.mean[i % 3] as number, imageNet.std[i % 3] as number];
          const pixel = lambda * (image.data[i] as number) + (1 - lambda) * (partner.data[i] as number);
          const exact = (pixel / 255 - mean) / std;
          expect(Math.abs(fromHalf(half) - exact)).toBeLessThanOrEqual(
            Math.max(2 ** -24, Math.abs(exact) / 1024),
          );
        }
      }),
    );
  });

  it('blends in float32 where asked to', () => {
    const format: TensorFormat = { ...imageNet, dtype: 'float32', layout: 'nchw' };
    const output = new Float32Array(45);
    normalizeMixed(image, partner, mixTables(format, 0.25), format, output);
    const green = [image, partner].map(({ data }) => ((data[1] as number) / 255 - 0.456) / 0.224);
    expect(output[15]).toBeCloseTo(0.25 * (green[0] as number) + 0.75 * (green[1] as number), 6);
  });
});
