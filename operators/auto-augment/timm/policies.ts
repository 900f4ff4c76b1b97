import type { Policy, SubPolicy } from '../policy.ts';
import { imagenet } from '../torchvision/imagenet.ts';
import { subPolicies as v0 } from '../v0.ts';
import { drawLevel, noNoise } from './levels.ts';
import { anyBlur, timmMagnitudes } from './magnitudes.ts';

const plain = { posterize: 'plain', solarize: 'plain', enhancement: 'plain' } as const;
const increasing = { ...plain, posterize: 'increasing' } as const;

/** 3-Augment of DeiT III. */
const three: readonly SubPolicy[] = [
  [['solarize', 1, 5]],
  [['desaturate', 1, 10]],
  [['gaussianBlur', 1, 10]],
];

const tables = {
  original: { subPolicies: imagenet, magnitudes: timmMagnitudes({ ...plain, posterize: 'original' }) },
  originalr: { subPolicies: imagenet, magnitudes: timmMagnitudes(increasing) },
  v0r: { subPolicies: v0, magnitudes: timmMagnitudes(increasing) },
  '3a': { subPolicies: three, magnitudes: { ...timmMagnitudes(plain), gaussianBlur: anyBlur } },
} as const;

export const timmPolicyNames = [
  'original',
  'originalr',
  'v0r',
  '3a',
] as const satisfies (keyof typeof tables)[];
type TimmPolicyName = (typeof timmPolicyNames)[number];

export const isTimmPolicy = (name: string): name is TimmPolicyName =>
  (timmPolicyNames as readonly string[]).includes(name);

/**
 * The policies of timm's auto_augment_transform; those whose name ends in r have a posterize that gets stronger with the
 * level. `deviation` is its mstd.
 */
export function timmPolicy(name: TimmPolicyName, deviation: number): Policy {
  return {
    ...tables[name],
    drawLevel: (level, rng) => drawLevel(level, { ...noNoise, deviation }, rng),
  };
}
