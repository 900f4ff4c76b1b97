import { describe, expect, it } from 'vitest';
import type { Layers } from '../../operators/auto-augment/layers.ts';
import { operationAt, type Sign } from '../../operators/auto-augment/magnitudes.ts';
import { torchvisionPolicies } from '../../operators/auto-augment/torchvision/policies.ts';
import { torchvisionRandAugment } from '../../operators/auto-augment/torchvision/rand-augment.ts';
import { trivialAugmentWide } from '../../operators/auto-augment/torchvision/trivial-augment.ts';
import { withWarps } from '../../operators/auto-augment/warps.ts';
import { randomFor } from '../../src/core/random.ts';
import { goldenImage } from '../support/golden.ts';
import { digestAfter, policyGolden } from '../support/policy-golden.ts';

const BINS = 31;
const signed = /^(shear|translate)[XY]$|^rotate$|^(brightness|color|contrast|sharpness)$/;
const withoutMagnitude = /^(identity|autoContrast|equalize)$/;
const rng = randomFor(1, 0, 0, 0);

/** Digests of what an operator of ours gives, in the order of the golden ones. */
async function digestsOf({ magnitudes }: Layers, operator: Layers['choices'][number]): Promise<string[]> {
  const bins = withoutMagnitude.test(operator) ? 1 : BINS;
  const signs: readonly Sign[] = signed.test(operator) ? [1, -1] : [1];
  const digests: string[] = [];
  for (const index of policyGolden.images) {
    const image = goldenImage(index);
    for (let bin = 0; bin < bins; bin++) {
      for (const sign of signs) {
        const operations =
          operator === 'identity' ? [] : [operationAt(magnitudes, operator, bin, sign, image, rng)];
        digests.push(await digestAfter(index, operations));
      }
    }
  }
  return digests;
}

const policies = {
  trivialAugment: trivialAugmentWide({ bins: BINS }),
  randAugment: torchvisionRandAugment({ numOps: 2, magnitude: 9, bins: BINS }),
} as const;

/** A shear of -0.02 as float32 moves the first row by a fraction of 31 bits; the kernel's fractions have 29. */
const differentShears = { trivialAugment: 0, randAugment: 1 } as const;

describe.each(['trivialAugment', 'randAugment'] as const)("torchvision's %s", (name) => {
  const policy = policies[name];

  it.each(['shearX', 'shearY'])('gives the bytes of %s with bilinear, but at one shear', async (operator) => {
    const magnitudes = withWarps(policy.magnitudes, { interpolation: 'bilinear' });
    const digests = await digestsOf({ ...policy, magnitudes }, operator as 'shearX');
    const expected = policyGolden.bilinearShears[name][operator] as string[];
    const different = digests.filter((digest, i) => digest !== expected[i]);
    expect(expected).toHaveLength(186);
    expect(different).toHaveLength(differentShears[name]);
  });

  it('has its operators', () => {
    expect(policy.choices).toEqual(Object.keys(policyGolden[name]));
  });

  it.each(policy.choices)('gives the bytes of %s at every magnitude and sign', async (operator) => {
    expect(await digestsOf(policy, operator)).toEqual(policyGolden[name][operator]);
  });
});

it.each(['imagenet', 'cifar10', 'svhn'] as const)("has torchvision's sub-policies of %s", (name) => {
  expect(torchvisionPolicies[name].subPolicies).toEqual(policyGolden.subPolicies[name]);
});
