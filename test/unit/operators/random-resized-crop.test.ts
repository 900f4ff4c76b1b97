import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomResizedCrop } from '../../../operators/image/random-resized-crop.ts';
import { type Parameters, resolveParameters } from '../../../operators/parameters.ts';
import type { Size } from '../../../src/core/image.ts';
import { randomFor } from '../../../src/core/random.ts';

const { draw, parameters } = randomResizedCrop.definition;

function boxOf(image: Size, sampleId: number, options: object = {}) {
  const values = resolveParameters('randomResizedCrop', parameters as Parameters, { size: 8, ...options });
  if (draw === undefined) throw new Error('randomResizedCrop draws');
  return draw(values as never, randomFor(1, 0, sampleId, 0), image, 0);
}

describe('the box that randomResizedCrop draws', () => {
  const side = fc.integer({ min: 1, max: 700 });
  const range = (min: number, max: number) =>
    fc
      .tuple(fc.double({ min, max, noNaN: true }), fc.double({ min, max, noNaN: true }))
      .map((pair) => pair.sort((a, b) => a - b));

  it('lies within the image and has at least one pixel, for any shape, scale and ratio', () => {
    fc.assert(
      fc.property(side, side, fc.nat(), range(0, 1), range(0.01, 100), (width, height, id, scale, ratio) => {
        const box = boxOf({ width, height }, id, { scale, ratio });
        expect([box.left, box.top, box.width, box.height].every(Number.isInteger)).toBe(true);
        expect(Math.min(box.left, box.top)).toBeGreaterThanOrEqual(0);
        expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(1);
        expect(box.left + box.width).toBeLessThanOrEqual(width);
        expect(box.top + box.height).toBeLessThanOrEqual(height);
      }),
      { numRuns: 500 },
    );
  });

  // so large that a box of any shape fits whatever its area, and rounding to pixels does not matter
  const image = { width: 40_000, height: 40_000 };
  const options = { scale: [0.08, 0.5], ratio: [0.5, 2] };
  const COUNT = 4000;
  const boxes = Array.from({ length: COUNT }, (_, id) => boxOf(image, id, options));
  /** Kolmogorov's distance from the uniform distribution on [0, 1]. */
  const distance = (values: number[]) =>
    Math.max(...values.sort((a, b) => a - b).map((v, i) => Math.max((i + 1) / COUNT - v, v - i / COUNT)));
  const BOUND = 1.95 / Math.sqrt(COUNT);

  it('has an area uniform in scale', () => {
    const areas = boxes.map(({ width, height }) => (width * height) / (image.width * image.height));
    expect(distance(areas.map((area) => (area - 0.08) / 0.42))).toBeLessThan(BOUND);
  });

  it('has a shape log-uniform in ratio', () => {
    expect(distance(boxes.map(({ width, height }) => Math.log2(width / height) / 2 + 0.5))).toBeLessThan(
      BOUND,
    );
  });

  it('lies anywhere in the image', () => {
    const shares = (low: (box: (typeof boxes)[number]) => number) => boxes.map(low);
    expect(distance(shares(({ left, width }) => left / (image.width - width)))).toBeLessThan(BOUND);
    expect(distance(shares(({ top, height }) => top / (image.height - height)))).toBeLessThan(BOUND);
  });

  it('is the largest centred part of allowed shape where ten attempts find none', () => {
    const whole = { scale: [1, 1] };
    expect(boxOf({ width: 400, height: 100 }, 0, whole)).toMatchObject({
      left: 133,
      top: 0,
      width: 133,
      height: 100,
    });
    expect(boxOf({ width: 100, height: 400 }, 0, whole)).toMatchObject({
      left: 0,
      top: 133,
      width: 100,
      height: 133,
    });
    expect(boxOf({ width: 101, height: 100 }, 0, { scale: [0, 0] })).toMatchObject({
      width: 101,
      height: 100,
    });
  });
});
