import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { AnyOperator } from '../../operators/operator.ts';
import { golden } from '../support/golden.ts';
import { operatorNames } from '../support/operator-calls.ts';

/**
 * Operators without a case in operators.json, and the test in this folder that holds them to golden values otherwise: they
 * draw at random, do not make an image of an image, or have cases in another file.
 */
const heldOtherwise: Readonly<Record<string, string>> = {
  decode: 'decode.test.ts',
  pad: 'geometry.test.ts',
  randomCrop: 'geometry.test.ts',
  randomHorizontalFlip: 'draws.test.ts',
  randomVerticalFlip: 'geometry.test.ts',
  verticalFlip: 'geometry.test.ts',
  autoAugment: 'draws.test.ts',
  randomApply: 'draws.test.ts',
  randomChoice: 'draws.test.ts',
  randomOrder: 'draws.test.ts',
  randAugment: 'policies.test.ts',
  trivialAugment: 'policies.test.ts',
  normalize: 'operator.test.ts',
  mixup: 'draws.test.ts',
  colorJitter: 'colours.test.ts',
  gaussianBlur: 'colours.test.ts',
  gaussianNoise: 'colours.test.ts',
  grayscale: 'colours.test.ts',
  hue: 'colours.test.ts',
  randomAdjustSharpness: 'colours.test.ts',
  randomAutoContrast: 'colours.test.ts',
  randomEqualize: 'colours.test.ts',
  randomGrayscale: 'colours.test.ts',
  randomInvert: 'colours.test.ts',
  randomPosterize: 'colours.test.ts',
  randomSolarize: 'colours.test.ts',
  cutmix: 'cut-and-erase.test.ts',
  mix: 'cut-and-erase.test.ts',
  erase: 'cut-and-erase.test.ts',
};

const withCases: ReadonlySet<string> = new Set(golden.cases.map(({ operator }) => operator));

it.each(operatorNames)('%s has golden cases, or a test that stands for them', (name) => {
  const isHeldOtherwise = Object.hasOwn(heldOtherwise, name);
  const remedy = 'add cases to test/golden/make_golden.py, or name the test here that stands for them';
  expect(withCases.has(name) || isHeldOtherwise, `${name} has no golden case: ${remedy}`).toBe(true);
  expect(withCases.has(name) && isHeldOtherwise, `${name} has cases: it needs no other test`).toBe(false);
});

it.each(Object.entries(heldOtherwise))('%s is an operator, of which %s speaks', (name, test) => {
  expect(operatorNames).toContain(name);
  expect(readFileSync(`test/golden/${test}`, 'utf8').toLowerCase()).toContain(name.toLowerCase());
});

it.each(['image', 'tensor', 'batch'])(
  'operators/%s holds no operator that the registry lacks',
  async (folder) => {
    const files = readdirSync(`operators/${folder}`);
    const modules = files.map((file) => file.replace(/\.ts$/, '.js'));
    for (const module of modules) {
      const exports: object = await import(`../../operators/${folder}/${module}`);
      const names = Object.values(exports).flatMap((value) =>
        'definition' in value ? [(value.definition as AnyOperator).name] : [],
      );
      expect(names, `${module} exports an operator`).not.toEqual([]);
      expect(operatorNames, `operators/registry.ts exports that of ${module}`).toEqual(
        expect.arrayContaining(names),
      );
    }
  },
);
