import { describe, expect, it } from 'vitest';
import type { BatchImage } from '../../../../backends/gpu/prepared-image.ts';
import { lut, sameTables } from '../../../../backends/kernels/lut/lut.ts';
import { resizeCall } from '../../../../backends/kernels/resample/calls.ts';
import { Statistic, statisticsLut } from '../../../../backends/kernels/statistics-lut/statistics-lut.ts';
import { floorMs, shareOfFloor, trafficOf } from '../../../../bench/gpu/traffic.ts';
import type { TensorFormat } from '../../../../src/core/image.ts';

const region = { width: 40, height: 32 };
const target = { width: 8, height: 4 };
const format: TensorFormat = { dtype: 'float16', layout: 'nhwc', mean: [0, 0, 0], std: [1, 1, 1] };
const resized: BatchImage = {
  pixels: new Uint8Array(40 * 32 * 3),
  size: region,
  calls: [resizeCall(region, target, 'bilinear')],
};

describe('the bytes that a batch must move', () => {
  it('counts the region once, what lies between the passes twice, the result, and the tensor', () => {
    // horizontally first: 8 columns of all rows
    const between = 8 * 32 * 4;
    expect(Object.fromEntries(trafficOf([resized], format))).toEqual({
      upload: 2 * 40 * 32 * 3,
      resampleFirst: 40 * 32 * 3 + between,
      resampleSecond: between + 8 * 4 * 4,
      finish: 8 * 4 * (4 + 3 * 2),
    });
  });

  it('adds up images, slots and their measuring, and wider elements', () => {
    const augmented: BatchImage = {
      ...resized,
      calls: [
        ...resized.calls,
        lut({ tables: sameTables((v) => 255 - v) }),
        statisticsLut({ statistic: Statistic.equalize, factor: 0 }),
      ],
    };
    const traffic = trafficOf([resized, augmented], { ...format, dtype: 'float32' });
    expect(traffic.get('apply')).toBe(2 * 2 * 8 * 4 * 4);
    expect(traffic.get('measureImages')).toBe(8 * 4 * 4);
    expect(traffic.get('upload')).toBe(2 * 2 * 40 * 32 * 3);
    expect(traffic.get('finish')).toBe(2 * 8 * 4 * (4 + 3 * 4));
  });
});

describe('the bandwidth floor', () => {
  it('is the time that the bytes take at the bandwidth', () => {
    expect(floorMs(3e9, 1e12)).toBe(3);
  });

  it('is a share of the time that was measured', () => {
    expect(shareOfFloor(3e9, 5, 1e12)).toBe(0.6);
    expect(shareOfFloor(3e9, 1.5, 1e12)).toBe(2);
  });
});
