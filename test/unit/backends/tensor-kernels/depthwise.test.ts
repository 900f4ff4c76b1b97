import { describe, expect, it } from 'vitest';
import { depthwise } from '../../../../backends/tensor-kernels/depthwise/depthwise.ts';
import { depthwiseGradients } from '../../../../backends/tensor-kernels/depthwise-gradients/depthwise-gradients.ts';
import { derivativesOf, distanceOf, dot, randomFloats } from '../../../support/finite-differences.ts';
import { sumOfParts, type WindowShape, windowNumbers } from '../../../support/windows.ts';

const image = { samples: 1, height: 3, width: 3, c4: 1, kernel: 3, stride: 1, chunk: 100 };

/** The first channel of what a filter makes of images. */
function filtered(shape: WindowShape, x: Float64Array, w: Float64Array): number[] {
  const numbers = windowNumbers(shape);
  const out = new Float64Array(4 * numbers.rows).fill(7);
  depthwise.reference({ x, w, out }, numbers);
  return [...out].filter((_, i) => i % 4 === 0);
}

describe('depthwise', () => {
  it('sums the window round each pixel, which ends at the border', () => {
    const counts = filtered(image, new Float64Array(36).fill(1), new Float64Array(36).fill(1));
    expect(counts).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });

  it('takes the pixels that each tap says', () => {
    const pixels = Float64Array.from({ length: 36 }, (_, i) => Math.floor(i / 4) + 1);
    const rightOfMiddle = Float64Array.from({ length: 36 }, (_, i) => (i === 5 * 4 ? 1 : 0));
    expect(filtered(image, pixels, rightOfMiddle)).toEqual([2, 3, 0, 5, 6, 0, 8, 9, 0]);
  });

  it('steps by the stride, sample by sample', () => {
    const pixels = Float64Array.from({ length: 2 * 15 * 4 }, (_, i) => Math.floor(i / 4));
    const middle = Float64Array.from({ length: 25 * 4 }, (_, i) => (i === 12 * 4 ? 1 : 0));
    const shape = { ...image, samples: 2, height: 5, kernel: 5, stride: 2 };
    expect(filtered(shape, pixels, middle)).toEqual([0, 2, 6, 8, 12, 14, 15, 17, 21, 23, 27, 29]);
  });

  it('keeps channels apart', () => {
    const out = new Float64Array(4);
    const w = new Float64Array(36);
    w.set([1, 10, 100, 1000], 4 * 4);
    const shape = windowNumbers({ ...image, height: 1, width: 1 });
    depthwise.reference({ x: Float64Array.of(1, 2, 3, 4), w, out }, shape);
    expect([...out]).toEqual([1, 20, 300, 4000]);
  });
});

describe('depthwise-gradients', () => {
  const cases = [
    { kernel: 3, stride: 1, height: 4, width: 5 },
    { kernel: 3, stride: 2, height: 5, width: 4 },
    { kernel: 5, stride: 1, height: 3, width: 6 },
    { kernel: 5, stride: 2, height: 6, width: 7 },
  ];

  it.for(cases)('gives the gradients of finite differences: %o', (window) => {
    const numbers = windowNumbers({ ...window, samples: 2, c4: 1, chunk: 7 });
    const { rows, inputRows, kernel } = numbers;
    const [g, x] = [randomFloats(4 * rows, 1), randomFloats(4 * inputRows, 2)];
    const w = randomFloats(4 * kernel ** 2, 3);
    const compute = () => {
      const forward = new Float64Array(4 * rows);
      depthwise.reference({ x, w, out: forward }, numbers);
      return dot(g, forward);
    };
    const out = new Float64Array(4 * inputRows).fill(7);
    const filterParts = new Float64Array(Math.ceil(inputRows / 7) * w.length).fill(7);
    depthwiseGradients.reference({ g, x, w, out, filterParts }, numbers);
    expect(distanceOf(out, derivativesOf(compute, x))).toBeLessThan(1e-8);
    const filterGradient = sumOfParts(filterParts, w.length);
    expect(distanceOf(filterGradient, derivativesOf(compute, w))).toBeLessThan(1e-8);
  });

  it('adds a gradient that comes another way', () => {
    const numbers = windowNumbers({ ...image, samples: 1 });
    const [g, x, w] = [randomFloats(36, 1), randomFloats(36, 2), randomFloats(36, 3)];
    const outOf = (add?: Float64Array) => {
      const out = new Float64Array(36);
      depthwiseGradients.reference({ g, x, w, add, out, filterParts: new Float64Array(36) }, numbers);
      return out;
    };
    const alone = outOf();
    const expected = alone.map((value, i) => value + i);
    expect(distanceOf(outOf(alone.map((_, i) => i)), expected)).toBeLessThan(1e-12);
  });

  it('gives each chunk of input pixels its part of the filter', () => {
    const numbers = windowNumbers({ ...image, chunk: 5 });
    const ones = new Float64Array(36).fill(1);
    const filterParts = new Float64Array(72);
    depthwiseGradients.reference(
      { g: ones, x: ones, w: ones, out: new Float64Array(36), filterParts },
      numbers,
    );
    const ofFirstChannel = [...filterParts].filter((_, i) => i % 4 === 0);
    // pixels 0 ... 4 of the image, and 5 ... 8, that each tap meets
    expect(ofFirstChannel).toEqual([4, 5, 3, 4, 5, 3, 2, 2, 1, 0, 1, 1, 2, 4, 3, 2, 4, 3]);
  });
});
