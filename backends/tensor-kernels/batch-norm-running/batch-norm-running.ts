import { at } from '../at.ts';
import { putNormalization } from '../batch-norm.ts';
import { blocksOfChannels } from '../channel-blocks.ts';
import { linearGroups } from '../kernel-form.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { batchNormRunningWgsl } from './batch-norm-running.wgsl.ts';

/** A batch norm's vectors by its running statistics: for evaluation. */
export const batchNormRunning = defineTensorKernel({
  name: 'batch-norm-running',
  operands: {
    runningMean: { access: 'read', width: 4 },
    runningVariance: { access: 'read', width: 4 },
    scale: { access: 'read', width: 4 },
    shift: { access: 'read', width: 4 },
    vectors: { access: 'write', width: 4 },
  },
  parameters: { c4: 'u32', epsilon: 'f32' },
  workgroups: ({ c4 }) => linearGroups(c4),
  wgsl: batchNormRunningWgsl,
  wasm: { tiles: blocksOfChannels },
  reference(operands, p) {
    const { runningMean, runningVariance } = operands;
    for (let c = 0; c < 4 * p.c4; c++)
      putNormalization(operands, p, c, [at(runningMean, c), at(runningVariance, c)]);
  },
});
