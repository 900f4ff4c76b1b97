import { at } from '../at.ts';
import { linearGroups } from '../kernel-form.ts';
import { isWithin } from '../range.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { tilesOfUpdate } from '../weight-update.ts';
import { gradientsWithinWgsl } from './gradients-within.wgsl.ts';

/**
 * gradients = 0 where a weight lies beyond its range: where weight / scale, in size, is `limit` or more. A weight that is not
 * rounded has 0 for the reciprocal of its scale.
 */
export const gradientsWithin = defineTensorKernel({
  name: 'gradients-within',
  operands: {
    weights: { access: 'read', width: 4 },
    reciprocals: { access: 'read', width: 4 },
    gradients: { access: 'update', width: 4 },
  },
  parameters: { size4: 'u32', limit: 'f32' },
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: gradientsWithinWgsl,
  wasm: { tiles: tilesOfUpdate },
  reference({ weights, reciprocals, gradients }, { size4, limit }) {
    for (let i = 0; i < 4 * size4; i++)
      if (!isWithin(at(weights, i), [0, at(reciprocals, i), 0, limit])) gradients[i] = 0;
  },
});
