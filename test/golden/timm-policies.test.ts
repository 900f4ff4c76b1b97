import { describe, expect, it } from 'vitest';
import { operationAt, type Sign } from '../../operators/auto-augment/magnitudes.ts';
import type { OperationName } from '../../operators/auto-augment/operators.ts';
import { choosePolicy } from '../../operators/auto-augment/policies.ts';
import { drawLevel } from '../../operators/auto-augment/timm/levels.ts';
import { timmMagnitudes } from '../../operators/auto-augment/timm/magnitudes.ts';
import { timmPolicyNames } from '../../operators/auto-augment/timm/policies.ts';
import { timmRandAugment } from '../../operators/auto-augment/timm/rand-augment.ts';
import { type RandConfig, readRandConfig } from '../../operators/auto-augment/timm/rand-config.ts';
import { timmWarps } from '../../operators/auto-augment/timm/warps.ts';
import { withWarps } from '../../operators/auto-augment/warps.ts';
import { randomFor } from '../../src/core/random.ts';
import { goldenImage } from '../support/golden.ts';
import { digestAfter, policyGolden } from '../support/policy-golden.ts';

const { cases, policies, configs, levels } = policyGolden.timm;
const rng = randomFor(1, 0, 0, 0);

/** Of timm's `PosterizeIncreasing`: our operator, and the scale it has. */
function ours(name: string): { operation: OperationName; scale: 'plain' | 'increasing' | 'original' } {
  const [, start = '', suffix] = /^(.*?)(Increasing|Original|Rel|Rand)?$/.exec(name) ?? [];
  const scale = suffix === 'Increasing' ? 'increasing' : suffix === 'Original' ? 'original' : 'plain';
  return { operation: `${start[0]?.toLowerCase()}${start.slice(1)}` as OperationName, scale };
}

const isTranslation = (operation: string) => operation.startsWith('translate');

function magnitudesOf(scale: ReturnType<typeof ours>['scale']) {
  const other = scale === 'original' ? 'plain' : scale;
  const magnitudes = timmMagnitudes({ posterize: scale, solarize: other, enhancement: other });
  return withWarps(magnitudes, { ...timmWarps, interpolation: 'nearest' });
}

describe.each(Object.keys(cases))("timm's %s", (name) => {
  const { operation, scale } = ours(name);
  const magnitudes = magnitudesOf(scale);

  it('gives its bytes at every level and sign', async () => {
    for (const { level, sign, digests = [] } of cases[name] ?? []) {
      // timm's positive translations move the other way
      const direction = isTranslation(operation) ? -sign : sign;
      for (const [i, digest] of digests.entries()) {
        const index = policyGolden.images[i] as number;
        const at = [level, direction as Sign, goldenImage(index), rng] as const;
        const drawn = operationAt(magnitudes, operation, ...at);
        expect(await digestAfter(index, [drawn]), `${sign} x ${level}`).toBe(digest);
      }
    }
  });

  it('is given what timm gives it, cut to what it accepts', () => {
    const size = { width: 100, height: 100 };
    for (const { level, sign, value } of cases[name] ?? []) {
      const { parameters } = operationAt(magnitudes, operation, level, sign, size, rng);
      const [given] = Object.values(parameters);
      if (value === null) expect(parameters).toEqual({});
      else if (isTranslation(operation)) expect(given).toBe(value * 100);
      else if (operation === 'desaturate') expect(given).toBe(1 - value);
      else if (operation === 'posterize') expect(given).toBe(Math.max(0, Math.min(8, value)));
      else expect(given, `${sign} x ${level}`).toBe(value);
    }
  });
});

/** An entry of a sub-policy; operators without a magnitude have levels that say nothing. */
const entryOf = (operation: OperationName, probability: number, level: number) =>
  /^(autoContrast|equalize|invert)$/.test(operation)
    ? { operation, probability }
    : { operation, probability, level };

describe.each(timmPolicyNames)("timm's policy %s", (name) => {
  const golden = policies[name] ?? [];
  const { subPolicies, magnitudes } = choosePolicy({ policy: name, interpolation: 'nearest' });

  it('has its sub-policies', () => {
    const expected = golden.map((pair) =>
      pair.map(([theirs, ...rest]) => entryOf(ours(theirs).operation, ...rest)),
    );
    expect(subPolicies.map((pair) => pair.map((entry) => entryOf(...entry)))).toEqual(expected);
  });

  it('has the scales of its operators', () => {
    for (const [theirs, , level] of golden.flat()) {
      if (theirs === 'GaussianBlurRand') continue;
      const { operation, scale } = ours(theirs);
      const at = [operation, level, 1, { width: 9, height: 9 }, rng] as const;
      expect(operationAt(magnitudes, ...at), theirs).toEqual(operationAt(magnitudesOf(scale), ...at));
    }
  });
});

it("3a blurs by any sigma of timm's range", () => {
  const { magnitudes } = choosePolicy({ policy: '3a' });
  const sigmas = Array.from({ length: 500 }, () => {
    const drawn = operationAt(magnitudes, 'gaussianBlur', 10, 1, { width: 9, height: 9 }, rng);
    return drawn.parameters['sigma'] as number;
  });
  expect([Math.min(...sigmas), Math.max(...sigmas)].map((sigma) => sigma.toFixed(1))).toEqual(['0.1', '2.0']);
});

describe.each(configs)("timm's text '$text'", ({ text, ...golden }) => {
  const config = readRandConfig(text) as RandConfig;
  const layers = timmRandAugment(config, { interpolation: 'nearest' });

  it('chooses from the same operators, each as often', () => {
    expect(layers.choices).toEqual(golden.choices.map((name) => ours(name).operation));
    const sum = (layers.weights ?? []).reduce((total, weight) => total + weight, 0);
    const shares = layers.weights?.map((weight) => expect.closeTo(weight / sum, 12));
    expect(golden.weights ?? undefined).toEqual(shares);
  });

  it('applies them on the same scales', () => {
    for (const [i, name] of golden.choices.entries()) {
      const { operation, scale } = ours(name);
      const at = [operation, 7.5, -1, { width: 80, height: 60 }, rng] as const;
      expect(layers.choices[i]).toBe(operation);
      expect(operationAt(layers.magnitudes, ...at), name).toEqual(operationAt(magnitudesOf(scale), ...at));
    }
  });

  it('says the same numbers', () => {
    expect({ layers: layers.count, probability: layers.probability }).toEqual({
      layers: golden.layers,
      probability: golden.probability,
    });
    const { m: magnitude, mstd, mmax: highest } = config;
    const deviation = mstd === Number.POSITIVE_INFINITY ? null : mstd;
    expect({ magnitude, deviation, highest }).toEqual({
      magnitude: golden.magnitude,
      deviation: golden.deviation,
      highest: golden.highest,
    });
  });
});

it.each(levels)(
  'levels about $magnitude with a deviation of $deviation are spread as timm draws them',
  (golden) => {
    const { magnitude, highest, mean, spread, ends } = golden;
    const noise = { deviation: golden.deviation ?? Number.POSITIVE_INFINITY, highest };
    const drawn = Array.from({ length: 50_000 }, () => drawLevel(magnitude, noise, rng));
    const average = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const share = (end: number) => average(drawn.map((level) => Number(level === end)));
    // five standard errors of 50,000 draws
    const near = spread / 45;
    expect(Math.abs(average(drawn) - mean)).toBeLessThan(near);
    expect(Math.abs(Math.sqrt(average(drawn.map((level) => (level - mean) ** 2))) - spread)).toBeLessThan(
      near,
    );
    expect(Math.abs(share(0) - ends[0])).toBeLessThan(0.01);
    expect(Math.abs(share(highest) - ends[1])).toBeLessThan(0.01);
  },
);
