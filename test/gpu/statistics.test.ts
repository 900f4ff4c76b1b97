import { expect } from 'vitest';
import { gpuBackend } from '../../backends/gpu/executor.ts';
import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import { referenceBackend } from '../../backends/reference/executor.ts';
import type { Size } from '../../src/core/image.ts';
import { resultOf } from '../support/executors.ts';
import { itOnGpu } from '../support/gpu.ts';
import { differences, type Levels, noise } from '../support/images.ts';

const sizes: readonly Size[] = [
  { width: 301, height: 223 },
  // 16 workgroups count 1,031 pixels each, and the last fewer
  { width: 127, height: 129 },
  // fewer pixels than workgroups
  { width: 3, height: 5 },
];
const levels: readonly Levels[] = [
  [0, 255],
  [30, 31],
  [200, 200],
];

itOnGpu.each(Object.entries(Statistic))(
  'measures %s on images of any size as the reference does',
  async (_, statistic) => {
    const [gpu, reference] = [await gpuBackend.open(), await referenceBackend.open()];
    const calls = [statisticsLut({ statistic, factor: 1.6 }), statisticsLut({ statistic, factor: 0.3 })];
    for (const [i, size] of sizes.entries()) {
      for (const range of levels) {
        const image = noise(size, i, range);
        const expected = await resultOf(reference, image, calls);
        expect(differences((await resultOf(gpu, image, calls)).data, expected.data)).toEqual([]);
      }
    }
    for (const executor of [gpu, reference]) await executor.close();
  },
);
