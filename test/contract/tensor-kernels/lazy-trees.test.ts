import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareWithReference } from '../../../backends/reference/tensors/compare.ts';
import { materialize } from '../../../backends/tensor-kernels/materialize/materialize.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { lazyTrees } from '../../support/lazy-trees.ts';
import { onCpu } from '../../support/tensor-calls.ts';

const cases = fc.record({
  tree: lazyTrees(4),
  samples: fc.integer({ min: 1, max: 9 }),
  sampleRows: fc.integer({ min: 1, max: 40 }),
  // of the last, a tile has 16 rows: it begins and ends within samples
  c4: fc.constantFrom(1, 3, 128),
});

it('stores any lazy value on the CPU as the reference has it', () =>
  onCpu(2, async (executor) => {
    const property = fc.asyncProperty(cases, async ({ tree, samples, sampleRows, c4 }) => {
      const [rows, channels] = [samples * sampleRows, 4 * c4];
      const x = tree({ samples, sampleRows, channels });
      const out = tensor('out', 'f32', rows * channels);
      const call = callOf(materialize, { x, out }, { rows, c4, sampleRows });
      const [outcome] = await compareWithReference(executor, [call]);
      expect(outcome?.error, JSON.stringify(x)).toBeLessThan(2e-5);
    });
    await fc.assert(property, { numRuns: 150 });
  }));
