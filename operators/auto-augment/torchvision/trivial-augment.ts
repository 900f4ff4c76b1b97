import type { Layers } from '../layers.ts';
import { type WarpChoice, withWarps } from '../warps.ts';
import { randomChoices } from './choices.ts';
import { linspace } from './linspace.ts';
import { torchvisionMagnitudes } from './magnitudes.ts';

/** One operator at any of its bins: torchvision.transforms.v2.TrivialAugmentWide. */
export function trivialAugmentWide({ bins, ...warps }: WarpChoice & { readonly bins: number }): Layers {
  const magnitudes = torchvisionMagnitudes({
    bins,
    shear: 0.99,
    pixels: () => 32,
    degrees: 135,
    enhancement: 0.99,
    bits: 6,
    threshold: (bin) => 255 * linspace(1, 0, bins, bin),
  });
  return {
    count: 1,
    choices: randomChoices,
    probability: 1,
    drawLevel: (rng) => rng.integer(bins),
    magnitudes: withWarps(magnitudes, warps),
  };
}
