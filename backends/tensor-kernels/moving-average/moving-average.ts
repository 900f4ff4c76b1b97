import { at } from '../at.ts';
import { linearGroups } from '../kernel-form.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { tilesOfUpdate } from '../weight-update.ts';
import { movingAverageWgsl } from './moving-average.wgsl.ts';

/** average = averageDecay average + (1 - averageDecay) values. */
export const movingAverage = defineTensorKernel({
  name: 'moving-average',
  operands: { average: { access: 'update', width: 4 }, values: { access: 'read', width: 4 } },
  parameters: { size4: 'u32', averageDecay: 'f32' },
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: movingAverageWgsl,
  wasm: { tiles: tilesOfUpdate },
  reference({ average, values }, p) {
    for (let i = 0; i < 4 * p.size4; i++)
      average[i] = p.averageDecay * at(average, i) + (1 - p.averageDecay) * at(values, i);
  },
});
