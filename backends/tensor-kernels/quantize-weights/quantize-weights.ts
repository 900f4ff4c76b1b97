import { at } from '../at.ts';
import { linearGroups } from '../kernel-form.ts';
import { quantized } from '../range.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { tilesOfUpdate } from '../weight-update.ts';
import { quantizeWeightsWgsl } from './quantize-weights.wgsl.ts';

/** copy = weights, each rounded to the range of its own scale (range.ts); where the scale is 0, as it is. */
export const quantizeWeights = defineTensorKernel({
  name: 'quantize-weights',
  operands: {
    weights: { access: 'read', width: 4 },
    scales: { access: 'read', width: 4 },
    reciprocals: { access: 'read', width: 4 },
    copy: { access: 'write', width: 4 },
  },
  parameters: { size4: 'u32', levels: 'f32' },
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: quantizeWeightsWgsl,
  wasm: { tiles: tilesOfUpdate },
  reference({ weights, scales, reciprocals, copy }, { size4, levels }) {
    for (let i = 0; i < 4 * size4; i++) {
      const [weight, scale] = [at(weights, i), at(scales, i)];
      copy[i] = scale === 0 ? weight : quantized(weight, [scale, at(reciprocals, i), levels, levels + 0.5]);
    }
  },
});
