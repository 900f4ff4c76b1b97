import { expect, it } from 'vitest';
import { stem } from '../../../../backends/tensor-kernels/stem/stem.ts';
import { stemFilterGradient } from '../../../../backends/tensor-kernels/stem-filter-gradient/stem-filter-gradient.ts';
import { derivativesOf, distanceOf, dot, randomFloats } from '../../../support/finite-differences.ts';
import { sumOfParts, windowNumbers } from '../../../support/windows.ts';

it('filters colours by their own weights', () => {
  const numbers = windowNumbers({ samples: 1, height: 2, width: 2, c4: 1, kernel: 3, stride: 2, chunk: 9 });
  const images = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  const w = new Float64Array(27 * 4);
  // the middle tap of the colours to channels 0, 1, 2; the tap right of it, of blue, to channel 3
  for (const [color, channel] of [0, 1, 2].entries()) w[(3 * 4 + color) * 4 + channel] = 1;
  w[(3 * 5 + 2) * 4 + 3] = 1;
  const out = new Float64Array(4).fill(7);
  stem.reference({ images, w, out }, numbers);
  expect([...out]).toEqual([1, 2, 3, 6]);
});

it.for([1, 2])('gives the filter gradient of finite differences, stride %i', (stride) => {
  const numbers = windowNumbers({ samples: 2, height: 5, width: 4, c4: 1, kernel: 3, stride, chunk: 7 });
  const { rows } = numbers;
  const [g, images, w] = [randomFloats(4 * rows, 1), randomFloats(2 * 60, 2), randomFloats(108, 3)];
  const compute = () => {
    const out = new Float64Array(4 * rows);
    stem.reference({ images, w, out }, numbers);
    return dot(g, out);
  };
  const parts = new Float64Array(108 * Math.ceil(rows / 7)).fill(7);
  stemFilterGradient.reference({ g, images, parts }, numbers);
  expect(distanceOf(sumOfParts(parts, w.length), derivativesOf(compute, w))).toBeLessThan(1e-8);
});

it('gives each chunk of output pixels its part', () => {
  const numbers = windowNumbers({ samples: 1, height: 1, width: 3, c4: 1, kernel: 1, stride: 1, chunk: 2 });
  const parts = new Float64Array(24);
  const images = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  stemFilterGradient.reference({ g: new Float64Array(12).fill(1), images, parts }, numbers);
  expect([...parts].filter((_, i) => i % 4 === 0)).toEqual([5, 7, 9, 7, 8, 9]);
});
