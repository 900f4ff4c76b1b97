import type { Layers } from '../layers.ts';
import { type WarpChoice, withWarps } from '../warps.ts';
import { randomChoices } from './choices.ts';
import { linspace } from './linspace.ts';
import { torchvisionMagnitudes, translationOf331 } from './magnitudes.ts';

export interface RandAugmentNumbers extends WarpChoice {
  readonly numOps: number;
  readonly magnitude: number;
  readonly bins: number;
}

/** So many operators, each at the same bin: torchvision.transforms.v2.RandAugment. */
export function torchvisionRandAugment({ numOps, magnitude, bins, ...warps }: RandAugmentNumbers): Layers {
  const magnitudes = torchvisionMagnitudes({
    bins,
    shear: 0.3,
    pixels: translationOf331,
    degrees: 30,
    enhancement: 0.9,
    bits: 4,
    threshold: (bin) => 255 * linspace(1, 0, bins, bin),
  });
  return {
    count: numOps,
    choices: randomChoices,
    probability: 1,
    drawLevel: () => magnitude,
    magnitudes: withWarps(magnitudes, warps),
  };
}
