import { expect, it } from 'vitest';
import { timmStep } from '../../../operators/auto-augment/timm/step.ts';
import { describeStep } from '../../../src/core/step.ts';

it.each([
  ['rand-m9-mstd0.5-inc1', 'randAugment', { config: 'rand-m9-mstd0.5-inc1' }],
  ['original', 'autoAugment', { policy: 'original' }],
  ['original-mstd0.5', 'autoAugment', { policy: 'original', mstd: 0.5 }],
  ['3a', 'autoAugment', { policy: '3a' }],
  ['rand-m9-t3a', 'randAugment', { config: 'rand-m9-t3a' }],
  ['v0r-mstd1', 'autoAugment', { policy: 'v0r', mstd: 1 }],
])("timm's '%s' is a step %s", (text, name, parameters) => {
  expect(timmStep(text)[describeStep]).toMatchObject({ name, parameters });
});

it('passes on what warps are given', () => {
  const warps = { interpolation: 'bicubic', fill: [1, 2, 3] } as const;
  for (const text of ['rand-m9', 'originalr'])
    expect(timmStep(text, warps)[describeStep].parameters).toMatchObject(warps);
});

it.each(['v0', 'imagenet', 'augmix-m3', 'original-mstd', 'original-m9', ''])(
  "'%s' is refused: it is none of timm's that are offered",
  (text) => {
    expect(() => timmStep(text)).toThrow(/^autoAugment: timm's text must be rand or original .*, got '/);
  },
);

it('names what is wrong with a text of RandAugment', () => {
  expect(() => timmStep('rand-x9')).toThrow("'x9' is none of its sections");
});
