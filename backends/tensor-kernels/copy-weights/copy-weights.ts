import { linearGroups } from '../kernel-form.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { tilesOfUpdate } from '../weight-update.ts';
import { copyWeightsWgsl } from './copy-weights.wgsl.ts';

/** copy = weights, rounded as the copy is stored. */
export const copyWeights = defineTensorKernel({
  name: 'copy-weights',
  operands: { weights: { access: 'read', width: 4 }, copy: { access: 'write', width: 4 } },
  parameters: { size4: 'u32' },
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: copyWeightsWgsl,
  wasm: { tiles: tilesOfUpdate },
  reference({ weights, copy }, p) {
    copy.set(weights.subarray(0, 4 * p.size4));
  },
});
