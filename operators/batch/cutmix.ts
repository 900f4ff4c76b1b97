import { drawCut } from '../cut-box.ts';
import { defineBatchOperator } from '../operator.ts';

/**
 * CutMix: in a box, row i of a batch becomes row i XOR 1; their targets are mixed by the areas. One box a global batch: its
 * centre anywhere, its area 1 - lambda of the image's with lambda from Beta(alpha, alpha), clipped to the image. alpha 0
 * mixes nothing, nor does a box without pixels. Short for `mix({ cutmix: alpha })`.
 *
 * batch: [n, h, w, 3], same shape. Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable
 * features"; the box is torchvision's CutMix's, which mixes in row i - 1.
 */
export const cutmix = defineBatchOperator('alpha', {
  name: 'cutmix',
  module: import.meta.url,
  phase: 'batch',
  parameters: { alpha: { min: 0, max: 100, unit: 'concentration', default: 1 } },
  blends: () => false,
  draw: ({ alpha }, rng, size) => (alpha === 0 ? undefined : drawCut(rng, size, alpha, 'torchvision')),
});
