import { describe } from 'vitest';
import { sumParts } from '../../../backends/tensor-kernels/sum-parts/sum-parts.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { filled } from '../../support/tensor-calls.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

describe('sum-parts', () => {
  itAsReference('adds parts of two workgroups', () => ({
    kernel: sumParts,
    label: 'test',
    work: 'test',
    operands: {
      parts: viewOf(filled('parts', 'f32', 5 * 1100)),
      gradient: viewOf(filled('gradient', 'f32', 1100)),
    },
    parameters: { parts: 5, size4: 275 },
  }));
});
