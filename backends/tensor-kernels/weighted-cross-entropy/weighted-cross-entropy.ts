import { at } from '../at.ts';
import { logarithmOfSum } from '../logarithm-of-sum.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { weightedCrossEntropyWgsl } from './weighted-cross-entropy.wgsl.ts';

/**
 * The loss of each row of logits [rows, 4 c4]: -sum of target x log softmax(logits); and its gradient times loss scale and
 * lossFactor, for the mean over rows. A row's targets need not sum to 1: they may be multiplied by weights of the classes.
 * Channels from `classes` on are padding: they do not count, and their gradient is 0.
 */
export const weightedCrossEntropy = defineTensorKernel({
  name: 'weighted-cross-entropy',
  operands: {
    logits: { access: 'read', width: 4 },
    /** [rows, 4 c4] */
    targets: { access: 'read', width: 4 },
    /** Its first value is the loss scale. */
    state: { access: 'read', width: 1 },
    losses: { access: 'write', width: 1 },
    gradient: { access: 'write', width: 4 },
  },
  parameters: { rows: 'u32', classes: 'u32', c4: 'u32', lossFactor: 'f32' },
  workgroups: ({ rows }) => [rows, 1, 1],
  wgsl: weightedCrossEntropyWgsl,
  wasm: { tiles: ({ rows }) => [1, rows] },
  reference({ logits, targets, state, losses, gradient }, p) {
    const factor = (at(state, 0) * p.lossFactor) / p.rows;
    gradient.fill(0, 0, p.rows * 4 * p.c4);
    for (let row = 0; row < p.rows; row++) {
      const first = row * 4 * p.c4;
      const values = logits.subarray(first, first + p.classes);
      const wanted = targets.subarray(first, first + p.classes);
      const mass = wanted.reduce((sum, target) => sum + target, 0);
      const total = logarithmOfSum(values);
      let loss = 0;
      for (const [c, value] of values.entries()) {
        loss += at(wanted, c) * (total - value);
        gradient[first + c] = (mass * Math.exp(value - total) - at(wanted, c)) * factor;
      }
      losses[row] = loss;
    }
  },
});
