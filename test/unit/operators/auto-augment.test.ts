import { describe, expect, it } from 'vitest';
import { operationAt } from '../../../operators/auto-augment/magnitudes.ts';
import { type PolicyOperatorName, policyOperators } from '../../../operators/auto-augment/operators.ts';
import { choosePolicy, policyNames } from '../../../operators/auto-augment/policies.ts';
import { drawPolicy, type Policy } from '../../../operators/auto-augment/policy.ts';
import { torchvisionPolicies } from '../../../operators/auto-augment/torchvision/policies.ts';
import { v0 as v0With } from '../../../operators/auto-augment/v0.ts';
import { autoAugment } from '../../../operators/image/auto-augment.ts';
import type { Size } from '../../../src/core/image.ts';
import { randomFor } from '../../../src/core/random.ts';
import { describeStep } from '../../../src/core/step.ts';
import { golden, goldenImage } from '../../support/golden.ts';
import { callOperator } from '../../support/operator-calls.ts';

const size = { width: 224, height: 224 };
const v0 = v0With('absolute');
const { imagenet } = torchvisionPolicies;
const rng = randomFor(1, 0, 0, 0);

/** The number that a level stands for: the operator's own parameter, without interpolation and fill. */
function magnitude(policy: Policy, name: string, level: number, image: Size = size): number {
  const { parameters } = operationAt(policy.magnitudes, name as PolicyOperatorName, level, 1, image, rng);
  return Object.values(parameters)[0] as number;
}

/** How often an operator is applied to an image, on average. */
function applicationRate({ subPolicies }: Policy, name: string): number {
  const entries = subPolicies.flat().filter(([operator]) => operator === name);
  return entries.reduce((sum, [, probability]) => sum + probability, 0) / subPolicies.length;
}

describe('the v0 policy', () => {
  it("has NumPy's magnitudes at every level", () => {
    for (const [name, expected] of Object.entries(golden.v0.magnitudes)) {
      expect(
        expected.map((_, level) => magnitude(v0, name, level)),
        name,
      ).toEqual(expected);
    }
  });

  it('applies operators as often as the recipe counts', () => {
    const rates = {
      ...{ equalize: 0.32, color: 0.2, rotate: 0.184, solarize: 0.184, shearY: 0.104, solarizeAdd: 0.056 },
      ...{ posterize: 0.048, autoContrast: 0.04, translateY: 0.032, invert: 0.016, shearX: 0.008 },
    };
    for (const [name, rate] of Object.entries(rates))
      expect(applicationRate(v0, name), name).toBeCloseTo(rate, 12);
    const sum = Object.values(rates).reduce((total, rate) => total + rate);
    expect(sum).toBeCloseTo(1.192, 12);
  });

  it('has the effective values of the recipe in its sub-policies', () => {
    const effective = v0.subPolicies.map((pair) =>
      pair.map(([name, , level]) => Number(magnitude(v0, name, level)?.toPrecision(6))),
    );
    const none = Number.NaN;
    // biome-ignore format: five sub-policies a line
    expect(effective).toEqual([
      ...[[none, 0.12], [1.72, none], [0.28, 24], [76.8, none], [51.2, 51.2]],
      ...[[0.1, none], [none, 33], [0.27, 24], [0.28, none], [none, 0]],
      ...[[none, 0.09], [1.36, none], [2, none], [204.8, 1.72], [102.4, 27]],
      ...[[21, 225], [0, 102.4], [0, 0.82], [0.1, 6], [none, none]],
      ...[[none, none], [0.21, 77], [1, 256], [204.8, none], [1.18, 15]],
    ]);
  });

  it('shears by bicubic, turns and moves by nearest neighbour, and fills with grey', () => {
    const calls = (name: PolicyOperatorName) => operationAt(v0.magnitudes, name, 3, -1, size, rng).parameters;
    expect(calls('shearX')).toEqual({ shear: expect.closeTo(-0.09, 12), interpolation: 'bicubic' });
    expect(calls('rotate')).toEqual({ degrees: -9 });
    expect(calls('translateY')).toEqual({ pixels: -75 });
    for (const name of ['rotate', 'shearX', 'translateY'] as const) {
      const { fill, interpolation } = policyOperators[name].definition.parameters;
      expect([fill.default, interpolation.default], name).toEqual([[128, 128, 128], 'nearest']);
    }
  });
});

describe('the v0 policy with relative translations', () => {
  const relative = v0With('relative');

  it('moves images by whole pixels, at most by 150 / 331 of the side that they move along', () => {
    const image = { width: 331, height: 64 };
    const moves = (name: 'translateX' | 'translateY') =>
      Array.from({ length: 11 }, (_, level) => magnitude(relative, name, level, image));
    expect(moves('translateX')).toEqual([0, 15, 30, 45, 60, 75, 90, 105, 120, 135, 150]);
    expect(moves('translateY')).toEqual([0, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29]);
  });

  it('is v0 otherwise', () => {
    expect(relative.subPolicies).toBe(v0.subPolicies);
    const others = (policy: Policy) => ({ ...policy.magnitudes, translateX: 0, translateY: 0 });
    expect(others(relative)).toEqual(others(v0));
  });
});

describe('options of autoAugment', () => {
  it('leave the step what it was in earlier releases where they are left out', () => {
    expect(autoAugment()[describeStep].parameters).toEqual({ policy: 'v0' });
  });

  it('refuse translations for policies that have their own', () => {
    expect(() => autoAugment({ policy: 'imagenet', translate: 'absolute' })).toThrow(
      "autoAugment: translate is for policy 'v0', got 'imagenet'",
    );
  });

  it('give shears, translations and rotations another interpolation and fill, and nothing else', () => {
    const warps = { interpolation: 'bicubic', fill: [1, 2, 3] } as const;
    const plain = choosePolicy({ policy: 'imagenet' });
    const chosen = choosePolicy({ policy: 'imagenet', ...warps });
    for (const name of Object.keys(plain.magnitudes) as PolicyOperatorName[]) {
      const isWarp = /^(shear|translate)[XY]$|^rotate$/.test(name);
      const parametersOf = (policy: Policy) =>
        operationAt(policy.magnitudes, name, 4, -1, size, rng).parameters;
      expect(parametersOf(chosen), name).toEqual({ ...parametersOf(plain), ...(isWarp ? warps : {}) });
    }
  });
});

describe('the imagenet policy', () => {
  it("has torchvision's sub-policies", () => {
    expect(imagenet.subPolicies).toEqual(golden.imagenet.subPolicies);
  });

  it.each(golden.imagenet.magnitudes)(
    "has torchvision's magnitudes for image $image",
    ({ image, ...magnitudes }) => {
      for (const [name, values] of Object.entries(magnitudes)) {
        const toOurs = torchvisionToOurs[name] ?? ((value: number) => value);
        const ours = values.map((_, level) => magnitude(imagenet, name, level, goldenImage(image)));
        expect(ours, name).toEqual(values.map(toOurs));
      }
    },
  );
});

/** torchvision applies factors of 1 + magnitude, and whole pixels. */
const torchvisionToOurs: Readonly<Record<string, (value: number) => number>> = {
  ...Object.fromEntries(['color', 'contrast', 'brightness', 'sharpness'].map((name) => [name, (v) => 1 + v])),
  translateX: Math.trunc,
  translateY: Math.trunc,
};

it.each(policyNames)('%s gives its operators what they accept, at every level it uses', (policy) => {
  const { subPolicies, magnitudes } = choosePolicy({ policy });
  for (const [name, , level] of subPolicies.flat()) {
    const { operator, parameters } = operationAt(magnitudes, name, level, -1, size, rng);
    const { sigma } = parameters;
    const options = sigma === undefined ? parameters : { sigma: [sigma, sigma] };
    expect(() => callOperator(operator, [options])).not.toThrow();
  }
});

describe.each(['v0', 'imagenet'] as const)('drawing from %s', (policy) => {
  const table = { v0, imagenet }[policy];
  const COUNT = 20_000;
  const drawn = Array.from({ length: COUNT }, (_, id) => drawPolicy(table, randomFor(5, 0, id, 0), size));
  /** Four standard deviations of a share. */
  const bound = (share: number) => 4 * Math.sqrt((share * (1 - share)) / COUNT);

  it('takes every sub-policy equally often', () => {
    const counts = new Array<number>(25).fill(0);
    for (const { subPolicy } of drawn) counts[subPolicy] = (counts[subPolicy] as number) + 1;
    for (const count of counts) expect(Math.abs(count / COUNT - 1 / 25)).toBeLessThan(bound(1 / 25));
  });

  it('applies every operator as often as the table says, never one of probability 0', () => {
    for (const name of Object.keys(table.magnitudes)) {
      const count = drawn
        .flatMap(({ operations }) => operations)
        .filter(({ operator }) => operator === name).length;
      const rate = applicationRate(table, name);
      expect(Math.abs(count / COUNT - rate), name).toBeLessThanOrEqual(5 * Math.sqrt(rate / COUNT));
    }
    expect(
      drawn.some(({ subPolicy, operations }) => policy === 'v0' && subPolicy === 19 && operations.length > 1),
    ).toBe(false);
  });

  it('turns to either side equally often', () => {
    const turns = drawn
      .flatMap(({ operations }) => operations)
      .flatMap(({ parameters }) => (typeof parameters['degrees'] === 'number' ? [parameters['degrees']] : []))
      .filter((degrees) => degrees !== 0);
    const right = turns.filter((degrees) => degrees < 0).length;
    expect(turns.length).toBeGreaterThan(1000);
    expect(Math.abs(right / turns.length - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / turns.length));
  });
});
