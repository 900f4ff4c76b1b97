import { expect } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import type { MatrixForm } from '../../backends/tensor-kernels/kernel-form.ts';
import { emulatingMatrixUnits } from '../support/emulate-matrix-units.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { products } from '../support/products.ts';
import { runOnBoth } from '../support/tensor-calls.ts';

/** Of matrices as large as can be: the fewest, which compile soonest. How others make up a tile, matrix-product.test.ts shows. */
const large = { m: 32, n: 32, k: 32 } as const;
const forms: [string, MatrixForm][] = [
  ['float32', { config: { ...large, result: 'f32' }, subgroupSize: 32 }],
  ['float16', { config: { ...large, result: 'f16' }, subgroupSize: 64 }],
];

describeOnGpu('the texts for matrix units, emulated on a GPU', () => {
  for (const [sums, form] of forms)
    itOnGpu.for(products)(
      `compute what the reference does: %s, summed in ${sums}`,
      async ([, call], { skip }) => {
        const gpu = await Gpu.open();
        try {
          skip(!gpu.device.features.has('shader-f16'));
          await emulatingMatrixUnits(gpu, form, async () => {
            for (const { name, error } of await runOnBoth(gpu, call, 'half', form))
              expect(error, name).toBeLessThan(4e-3);
          });
        } finally {
          gpu.close();
        }
      },
    );
});
