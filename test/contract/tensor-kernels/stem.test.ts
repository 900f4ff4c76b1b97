import { describe } from 'vitest';
import { stem } from '../../../backends/tensor-kernels/stem/stem.ts';
import { stemFilterGradient } from '../../../backends/tensor-kernels/stem-filter-gradient/stem-filter-gradient.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { gradientThroughNorm, momentsOf } from '../../support/lazies.ts';
import { itAsReference } from '../../support/tensor-tests.ts';
import { windowNumbers } from '../../support/windows.ts';

const c4 = 17;
const channels = 4 * c4;
const numbersOf = (stride: number) =>
  windowNumbers({ samples: 2, height: 9, width: 8, c4, kernel: 3, stride, chunk: 21 });

for (const stride of [1, 2])
  describe(`the stem, stride ${stride}`, () => {
    const numbers = numbersOf(stride);
    const { rows, inputRows, chunk } = numbers;
    const images = () => tensor('images', 'f16', 3 * inputRows);

    itAsReference('filters images, and takes the moments of its output', () => {
      const w = tensor('w', 'store', 27 * channels);
      const operands = { images: images(), w, out: tensor('out', 'store', rows * channels) };
      return { ...callOf(stem, operands, numbers), epilogue: momentsOf(rows, channels, chunk) };
    });

    itAsReference('gives the gradient of its filter', () => {
      const parts = tensor('parts', 'f32', Math.ceil(rows / chunk) * 27 * channels);
      const g = gradientThroughNorm('g', rows, channels);
      return callOf(stemFilterGradient, { g, images: images(), parts }, numbers);
    });
  });
