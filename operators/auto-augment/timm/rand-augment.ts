import type { Layers } from '../layers.ts';
import { type WarpChoice, withWarps } from '../warps.ts';
import { drawLevel } from './levels.ts';
import { timmMagnitudes } from './magnitudes.ts';
import type { RandConfig } from './rand-config.ts';
import { choiceSets, everyOperation } from './rand-sets.ts';
import { timmWarps } from './warps.ts';

/** timm's RandAugment. Its sets of choices are made of operators that get stronger with the level. */
export function timmRandAugment(config: RandConfig, warps: WarpChoice): Layers {
  const { m, n, p, mstd, mmax, inc, t } = config;
  const scale = inc === 1 || t !== 'all' ? 'increasing' : 'plain';
  const magnitudes = timmMagnitudes({ posterize: scale, solarize: scale, enhancement: scale });
  return {
    count: n,
    ...(t === 'all' ? everyOperation : choiceSets[t]),
    probability: p,
    drawLevel: (rng) => drawLevel(m, { deviation: mstd, highest: mmax }, rng),
    magnitudes: withWarps(magnitudes, { ...timmWarps, ...warps }),
  };
}
