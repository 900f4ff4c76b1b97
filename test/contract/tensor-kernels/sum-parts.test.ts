import fc from 'fast-check';
import { describe } from 'vitest';
import { sumParts } from '../../../backends/tensor-kernels/sum-parts/sum-parts.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { filled } from '../../support/tensor-calls.ts';
import { itAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

function callOf({ parts, size4 }: { readonly parts: number; readonly size4: number }): TensorCall {
  const operands = {
    parts: viewOf(filled('parts', 'f32', parts * 4 * size4)),
    gradient: viewOf(filled('gradient', 'f32', 4 * size4)),
  };
  return { kernel: sumParts, label: 'test', work: 'test', operands, parameters: { parts, size4 } };
}

describe('sum-parts', () => {
  itAsReference('adds parts of two workgroups', () => callOf({ parts: 5, size4: 275 }));

  itAsReferenceInAnyShape(
    { parts: fc.integer({ min: 1, max: 20 }), size4: fc.integer({ min: 1, max: 2500 }) },
    callOf,
  );
});
