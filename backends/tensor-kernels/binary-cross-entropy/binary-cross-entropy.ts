import { at } from '../at.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { binaryCrossEntropyWgsl } from './binary-cross-entropy.wgsl.ts';

/**
 * The loss of each row of logits [rows, 4 c4]: the mean over classes of the cross-entropy of sigmoid(logit) with the class's own
 * target 0..1; and its gradient times loss scale and lossFactor, for the mean over rows. Channels from `classes` on are padding:
 * they do not count, and their gradient is 0.
 */
export const binaryCrossEntropy = defineTensorKernel({
  name: 'binary-cross-entropy',
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
  wgsl: binaryCrossEntropyWgsl,
  wasm: { tiles: ({ rows }) => [1, rows] },
  reference({ logits, targets, state, losses, gradient }, p) {
    const factor = (at(state, 0) * p.lossFactor) / p.rows / p.classes;
    gradient.fill(0, 0, p.rows * 4 * p.c4);
    for (let row = 0; row < p.rows; row++) {
      let loss = 0;
      for (let c = 0; c < p.classes; c++) {
        const place = row * 4 * p.c4 + c;
        const [x, target] = [at(logits, place), at(targets, place)];
        loss += Math.max(x, 0) - x * target + Math.log1p(Math.exp(-Math.abs(x)));
        gradient[place] = (1 / (1 + Math.exp(-x)) - target) * factor;
      }
      losses[row] = loss / p.classes;
    }
  },
});
