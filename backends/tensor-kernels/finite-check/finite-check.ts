import { linearGroups } from '../kernel-form.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { tilesOfUpdate } from '../weight-update.ts';
import { finiteCheckWgsl } from './finite-check.wgsl.ts';

/** Sets the flag to 1 where a gradient is infinite or not a number; else it stays as it is. */
export const finiteCheck = defineTensorKernel({
  name: 'finite-check',
  operands: { gradients: { access: 'read', width: 4 }, flag: { access: 'atomic', width: 1 } },
  parameters: { size4: 'u32' },
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: finiteCheckWgsl,
  wasm: { tiles: tilesOfUpdate },
  reference({ gradients, flag }, p) {
    if (!gradients.subarray(0, 4 * p.size4).every(Number.isFinite)) flag[0] = 1;
  },
});
