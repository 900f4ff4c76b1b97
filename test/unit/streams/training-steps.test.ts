import { describe, expect, it } from 'vitest';
import { describeStep } from '../../../src/core/step.ts';
import { defaultRecipe, type Recipe } from '../../../src/streams/recipe.ts';
import { autoAugmentNames, trainingSteps } from '../../../src/streams/training-steps.ts';

const stepsOf = (recipe: Partial<Recipe>) =>
  trainingSteps({ ...defaultRecipe, ...recipe }).map((step) => step[describeStep]);
const namesOf = (recipe: Partial<Recipe>) => stepsOf(recipe).map(({ name }) => name);
const policyOf = (recipe: Partial<Recipe>) => stepsOf(recipe)[2];

describe('the steps of a training', () => {
  it('are a crop, a flip and normalize, where nothing else is asked for', () => {
    expect(namesOf({})).toEqual(['randomResizedCrop', 'randomHorizontalFlip', 'normalize']);
  });

  it.each(autoAugmentNames)('take %s, whose warps interpolate as crops do, or as NVIDIA’s', (autoAugment) => {
    const { parameters } = policyOf({ autoAugment, interpolation: 'bicubic' }) ?? {};
    const interpolation = autoAugment === 'v0' ? undefined : 'bicubic';
    expect((parameters as { interpolation?: string }).interpolation).toBe(interpolation);
  });

  it('take a policy of timm’s by its text, whose warps are bilinear or bicubic by chance where crops are', () => {
    expect(policyOf({ autoAugment: 'rand-m9-n3', trainInterpolation: 'random' })).toMatchObject({
      name: 'randAugment',
      parameters: { config: 'rand-m9-n3', interpolation: 'random' },
    });
    expect(policyOf({ autoAugment: 'original-mstd0.5', interpolation: 'bicubic' })).toMatchObject({
      name: 'autoAugment',
      parameters: { policy: 'original', mstd: 0.5, interpolation: 'bicubic' },
    });
    expect(policyOf({ autoAugment: 'ta_wide', trainInterpolation: 'random' })).toMatchObject({
      parameters: { interpolation: 'bilinear' },
    });
  });

  it('have the named policy instead of augmentation’s, which it can switch off', () => {
    const augmentation = 'autoaugment';
    expect(namesOf({ augmentation, autoAugment: 'ra' })).toContain('randAugment');
    expect(namesOf({ augmentation, autoAugment: 'ra' })).not.toContain('autoAugment');
    expect(namesOf({ augmentation, autoAugment: 'none' })).toEqual(namesOf({}));
    expect(policyOf({ autoAugment: 'v0', translate: 'relative' })).toMatchObject({
      parameters: { translate: 'relative' },
    });
  });

  it.each([
    [{ autoAugment: 'ta-wide' }, /--auto-augment.*ta_wide, ra, .*rand-m9.*, got 'ta-wide'/],
    [{ autoAugment: '' }, /--auto-augment.*got ''/],
    [{ autoAugment: 'rand-q9' }, /rand-q9/],
    [{ autoAugment: 'ra', translate: 'relative' }, /translate \(--translate\).*v0, got 'ra'/],
    [{ cutmix: -1 }, /mix: cutmix/],
    [{ randomErase: 2 }, /erase: probability/],
    [{ colorJitter: 10 }, /colorJitter: brightness/],
  ] as const)('refuse %j', (recipe, message) => {
    expect(() => stepsOf(recipe)).toThrow(message);
  });

  it('are mixed by mixup where it is MixUp of every batch, and else by mix', () => {
    expect(stepsOf({ mixup: 0.2 }).at(-1)).toMatchObject({ name: 'mixup', parameters: { alpha: 0.2 } });
    for (const other of [{ mixProb: 0.5 }, { mixMode: 'row' }, { cutmix: 1 }] as const)
      expect(stepsOf({ mixup: 0.2, ...other }).at(-1)).toMatchObject({ name: 'mix' });
    expect(
      stepsOf({ cutmix: 1, cutmixBox: 'timm', mixSwitchProb: 0.3, mixMode: 'pair' }).at(-1),
    ).toMatchObject({
      parameters: { mixup: 0, cutmix: 1, box: 'timm', switchProb: 0.3, mode: 'pair' },
    });
    expect(namesOf({ mixProb: 0.5, mixMode: 'row' })).toEqual(namesOf({}));
  });

  it('jitter before normalize and erase after it', () => {
    expect(namesOf({ colorJitter: 0.4, randomErase: 0.25, eraseMode: 'colour', cutmix: 1 })).toEqual([
      'randomResizedCrop',
      'randomHorizontalFlip',
      'colorJitter',
      'normalize',
      'erase',
      'mix',
    ]);
  });
});
