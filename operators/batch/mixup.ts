import { drawBeta } from '../../src/core/beta.ts';
import { defineBatchOperator } from '../operator.ts';

/**
 * MixUp: row i of a batch becomes lambda x itself + (1 - lambda) x row i XOR 1, and so does its target. One lambda a
 * global batch, from Beta(alpha, alpha); alpha 0 mixes nothing (lambda 1).
 *
 * batch: [n, h, w, 3], same shape. Zhang et al., "mixup: beyond empirical risk minimization"; the recipe's alpha is 0.2.
 */
export const mixup = defineBatchOperator('alpha', {
  name: 'mixup',
  module: import.meta.url,
  phase: 'batch',
  // 2: digests say how each row is mixed
  version: 2,
  parameters: { alpha: { min: 0, max: 100, unit: 'concentration' } },
  draw: ({ alpha }, rng) => ({ lambda: alpha === 0 ? 1 : drawBeta(rng, alpha) }),
});
