import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { lowerOperations } from '../../operators/auto-augment/composite.ts';
import type { Layers } from '../../operators/auto-augment/layers.ts';
import { operationAt, type Sign } from '../../operators/auto-augment/magnitudes.ts';
import { torchvisionPolicies } from '../../operators/auto-augment/torchvision/policies.ts';
import { torchvisionRandAugment } from '../../operators/auto-augment/torchvision/rand-augment.ts';
import { trivialAugmentWide } from '../../operators/auto-augment/torchvision/trivial-augment.ts';
import { randomFor } from '../../src/core/random.ts';
import { goldenImage, sha256 } from '../support/golden.ts';
import { openRunner } from '../support/operator-calls.ts';

/** What test/golden/make_policy_golden.py wrote. */
interface PolicyGolden {
  readonly images: readonly number[];
  readonly trivialAugment: Digests;
  readonly randAugment: Digests;
  readonly subPolicies: Readonly<Record<keyof typeof torchvisionPolicies, unknown>>;
}
/** Of each operator, for each image, bin and sign. */
type Digests = Readonly<Record<string, readonly string[]>>;

const golden: PolicyGolden = JSON.parse(
  gunzipSync(readFileSync('test/golden/policies.json.gz')).toString('utf8'),
);
const BINS = 31;
const signed = /^(shear|translate)[XY]$|^rotate$|^(brightness|color|contrast|sharpness)$/;
const withoutMagnitude = /^(identity|autoContrast|equalize)$/;
const rng = randomFor(1, 0, 0, 0);
const run = await openRunner('cpu');

/** Digests of what an operator of ours gives, in the order of the golden ones. */
async function digestsOf({ magnitudes }: Layers, operator: Layers['choices'][number]): Promise<string[]> {
  const bins = withoutMagnitude.test(operator) ? 1 : BINS;
  const signs: readonly Sign[] = signed.test(operator) ? [1, -1] : [1];
  const digests: string[] = [];
  for (const index of golden.images) {
    const image = goldenImage(index);
    for (let bin = 0; bin < bins; bin++) {
      for (const sign of signs) {
        const operations =
          operator === 'identity' ? [] : [operationAt(magnitudes, operator, bin, sign, image, rng)];
        const calls = lowerOperations({ operations }, image);
        const result = await run(image, { calls, lowered: [calls], drawn: [], erasing: {}, size: image });
        digests.push(sha256((result as typeof image).data).slice(0, 8));
      }
    }
  }
  return digests;
}

const policies = {
  trivialAugment: trivialAugmentWide({ bins: BINS }),
  randAugment: torchvisionRandAugment({ numOps: 2, magnitude: 9, bins: BINS }),
} as const;

describe.each(['trivialAugment', 'randAugment'] as const)("torchvision's %s", (name) => {
  const policy = policies[name];

  it('has its operators', () => {
    expect(policy.choices).toEqual(Object.keys(golden[name]));
  });

  it.each(policy.choices)('gives the bytes of %s at every magnitude and sign', async (operator) => {
    expect(await digestsOf(policy, operator)).toEqual(golden[name][operator]);
  });
});

it.each(['imagenet', 'cifar10', 'svhn'] as const)("has torchvision's sub-policies of %s", (name) => {
  expect(torchvisionPolicies[name].subPolicies).toEqual(golden.subPolicies[name]);
});
