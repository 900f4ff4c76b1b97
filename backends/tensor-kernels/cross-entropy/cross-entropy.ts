import { at } from '../at.ts';
import { logarithmOfSum } from '../logarithm-of-sum.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { crossEntropyWgsl } from './cross-entropy.wgsl.ts';

/**
 * The loss of each row of logits [rows, 4 c4], and its gradient times loss scale and lossFactor, for the mean over rows. A
 * row's target gives `shares` to its label and the rest to its partner's, of which `smoothing` is spread over all classes.
 * Channels from `classes` on are padding: they do not count, and their gradient is 0.
 */
export const crossEntropy = defineTensorKernel({
  name: 'cross-entropy',
  operands: {
    logits: { access: 'read', width: 4 },
    labels: { access: 'read', width: 1 },
    partners: { access: 'read', width: 1 },
    shares: { access: 'read', width: 1 },
    /** Its first value is the loss scale. */
    state: { access: 'read', width: 1 },
    losses: { access: 'write', width: 1 },
    gradient: { access: 'write', width: 4 },
  },
  parameters: { rows: 'u32', classes: 'u32', c4: 'u32', smoothing: 'f32', lossFactor: 'f32' },
  workgroups: ({ rows }) => [rows, 1, 1],
  wgsl: crossEntropyWgsl,
  wasm: { tiles: ({ rows }) => [1, rows] },
  reference({ logits, labels, partners, shares, state, losses, gradient }, p) {
    const factor = (at(state, 0) * p.lossFactor) / p.rows;
    gradient.fill(0, 0, p.rows * 4 * p.c4);
    for (let row = 0; row < p.rows; row++) {
      const first = row * 4 * p.c4;
      const values = logits.subarray(first, first + p.classes);
      const total = logarithmOfSum(values);
      const share = at(shares, row);
      let loss = 0;
      for (const [c, value] of values.entries()) {
        const hard = (c === labels[row] ? share : 0) + (c === partners[row] ? 1 - share : 0);
        const target = (1 - p.smoothing) * hard + p.smoothing / p.classes;
        loss += target * (total - value);
        gradient[first + c] = (Math.exp(value - total) - target) * factor;
      }
      losses[row] = loss;
    }
  },
});
