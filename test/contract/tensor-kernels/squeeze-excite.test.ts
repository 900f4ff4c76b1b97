import fc from 'fast-check';
import { describe } from 'vitest';
import { squeezeExcite } from '../../../backends/tensor-kernels/squeeze-excite/squeeze-excite.ts';
import { squeezeExciteFilterGradient } from '../../../backends/tensor-kernels/squeeze-excite-filter-gradient/squeeze-excite-filter-gradient.ts';
import { squeezeExciteGradient } from '../../../backends/tensor-kernels/squeeze-excite-gradient/squeeze-excite-gradient.ts';
import type { TensorKernel } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { callOf, floats } from '../../support/kernel-calls.ts';
import { itAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

/** Samples, channels, squeezed values: fewer than a workgroup takes at a time, and more, but no multiple. */
const shapes = [
  [2, 12, 3],
  [19, 152, 38],
  [3, 1044, 261],
] as const;

type SizesOf = (samples: number, channels: number, squeezed: number) => Record<string, number>;

function itOnShapes(kernel: TensorKernel, sizesOf: SizesOf): void {
  for (const [samples, channels, squeezed] of shapes)
    itAsReference(`takes ${samples} samples of ${channels} channels`, () =>
      callOf(kernel, floats(sizesOf(samples, channels, squeezed)), { samples, channels, squeezed }),
    );
  itAsReferenceInAnyShape(
    {
      samples: fc.integer({ min: 1, max: 13 }),
      channels4: fc.integer({ min: 1, max: 40 }),
      squeezed: fc.integer({ min: 1, max: 21 }),
    },
    ({ samples, channels4, squeezed }) =>
      callOf(kernel, floats(sizesOf(samples, 4 * channels4, squeezed)), {
        samples,
        channels: 4 * channels4,
        squeezed,
      }),
  );
}

describe('squeeze-excite', () => {
  itOnShapes(squeezeExcite, (n, c, q) => ({
    mean: n * c,
    squeezeWeight: q * c,
    squeezeBias: q,
    exciteWeight: c * q,
    exciteBias: c,
    hidden: n * q,
    factors: n * c,
  }));
});

describe('squeeze-excite-gradient', () => {
  itOnShapes(squeezeExciteGradient, (n, c, q) => ({
    factorGradient: n * c,
    factors: n * c,
    hidden: n * q,
    squeezeWeight: q * c,
    exciteWeight: c * q,
    exciteGradient: n * c,
    squeezeGradient: n * q,
    meanGradient: n * c,
  }));
});

describe('squeeze-excite-filter-gradient', () => {
  itOnShapes(squeezeExciteFilterGradient, (n, c, q) => ({
    exciteGradient: n * c,
    squeezeGradient: n * q,
    hidden: n * q,
    mean: n * c,
    squeezeWeightGradient: q * c,
    squeezeBiasGradient: q,
    exciteWeightGradient: c * q,
    exciteBiasGradient: c,
  }));
});
