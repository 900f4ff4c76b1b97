import type { Policy } from '../policy.ts';
import { imagenet } from '../torchvision/imagenet.ts';
import { subPolicies as v0 } from '../v0.ts';
import { drawLevel, noNoise } from './levels.ts';
import { timmMagnitudes } from './magnitudes.ts';

const plain = { posterize: 'plain', solarize: 'plain', enhancement: 'plain' } as const;
const increasing = { ...plain, posterize: 'increasing' } as const;

const tables = {
  original: { subPolicies: imagenet, scales: { ...plain, posterize: 'original' } },
  originalr: { subPolicies: imagenet, scales: increasing },
  v0r: { subPolicies: v0, scales: increasing },
} as const;

export const timmPolicyNames = ['original', 'originalr', 'v0r'] as const satisfies (keyof typeof tables)[];
type TimmPolicyName = (typeof timmPolicyNames)[number];

export const isTimmPolicy = (name: string): name is TimmPolicyName =>
  (timmPolicyNames as readonly string[]).includes(name);

/**
 * The policies of timm's auto_augment_transform; those whose name ends in r have a posterize that gets stronger with the
 * level. `deviation` is its mstd.
 */
export function timmPolicy(name: TimmPolicyName, deviation: number): Policy {
  const { subPolicies, scales } = tables[name];
  return {
    subPolicies,
    magnitudes: timmMagnitudes(scales),
    drawLevel: (level, rng) => drawLevel(level, { ...noNoise, deviation }, rng),
  };
}
