import { describe, expect, it } from 'vitest';
import { crop } from '../../../operators/image/crop.ts';
import type { AnyImageOperator } from '../../../operators/operator.ts';
import {
  autoAugment,
  centerCrop,
  color,
  defineOperator,
  images,
  posterize,
  randomHorizontalFlip,
  randomResizedCrop,
  shearX,
} from '../../../src/index.ts';
import { describeDraws } from '../../../src/preview/captions.ts';
import { renderSamples } from '../../../src/preview/render.ts';
import { patternItems } from '../../support/raw-images.ts';
import { slowAtTimes, tint } from '../../support/tint.ts';

const linesOf = ({ definition }: { readonly definition: AnyImageOperator }, values: unknown) =>
  describeDraws([definition], [{ operator: definition.name, values }]);

const own = (describe: (drawn: { readonly amount: number }) => readonly string[]) =>
  defineOperator({
    name: 'own',
    module: import.meta.url,
    parameters: { amount: { min: 0, max: 9, unit: 'levels' } },
    lower: () => [],
    describe,
  });

it('describes draws by their numbers, with units', () => {
  const drawn = [
    { operator: 'randomResizedCrop', values: { left: 3, top: 4, width: 50, height: 60, size: 32 } },
    { operator: 'randomHorizontalFlip', values: { flip: true } },
    {
      operator: 'autoAugment',
      values: {
        subPolicy: 7,
        operations: [
          { operator: 'rotate', parameters: { degrees: -16.6667, fill: [0, 0, 0] } },
          { operator: 'equalize', parameters: {} },
        ],
      },
    },
    { operator: 'tint', values: { channel: 2, amount: 12.3456, name: 'blue' } },
  ];
  const operators = [randomResizedCrop, randomHorizontalFlip, autoAugment, tint].map(
    ({ definition }): AnyImageOperator => definition,
  );
  const applied = ['sub-policy 7', 'rotate -16.7 deg', 'equalize'];
  expect(describeDraws(operators, drawn)).toEqual([
    'crop 50x60',
    'at 3,4',
    'flipped',
    ...applied,
    'tint 2 12.3',
  ]);
  const nothing = [{ operator: 'autoAugment', values: { subPolicy: 4, operations: [] } }];
  expect(describeDraws([autoAugment.definition], nothing)).toEqual(['sub-policy 4', 'none applied']);
  expect(describeDraws([tint.definition], [{ operator: 'tint', values: 2.5 }])).toEqual(['tint 2.5']);
  expect(describeDraws([tint.definition], [{ operator: 'tint', values: null }])).toEqual(['tint']);
});

describe('a caption', () => {
  it.each([
    [posterize, { bits: 3 }, ['posterize 3 bits']],
    [centerCrop, { size: 32 }, ['centerCrop 32 px']],
    [shearX, { shear: -0.09, interpolation: 'bicubic' }, ['shearX -0.09']],
    [color, { factor: 1.72 }, ['color 1.72']],
    [slowAtTimes, { milliseconds: 50 }, ['slowAtTimes 50 ms']],
    [tint, { constructor: 7 }, ['tint 7']],
  ])('has the unit that the operator declares', (operator, values, lines) => {
    expect(linesOf(operator as { definition: AnyImageOperator }, values)).toEqual(lines);
  });

  it('says of a fixed crop what it says of a random one', () => {
    expect(linesOf(crop, { left: 3, top: 4, width: 50, height: 60 })).toEqual(['crop 50x60', 'at 3,4']);
  });

  it("has an operator's own words, in the characters of the font", async () => {
    const operator = own(({ amount }) => [`${amount}° warmer`, 'ready']);
    expect(linesOf(operator, { amount: 5 })).toEqual(['5 deg warmer', 'ready']);
    const [sample] = await renderSamples(images(patternItems(1)), {
      ...{
        steps: [operator({ amount: 2 })],
        seed: 0,
        batchSize: 32,
        backend: 'cpu',
        samples: 1,
        versions: 1,
        cell: 24,
      },
    });
    expect(sample?.versions[0]?.lines).toEqual(['2 deg warmer', 'ready']);
  });

  it('that is no list of texts, or cannot be made, is told with the name of the operator', () => {
    const message = 'own: describe must return a list of texts, got "5 levels"';
    expect(() =>
      linesOf(
        own(({ amount }) => `${amount} levels` as never),
        { amount: 5 },
      ),
    ).toThrow(expect.objectContaining({ code: 'NO_LINES', operator: 'own', message }));
    const failing = own(() => {
      throw new Error('no words');
    });
    expect(() => linesOf(failing, { amount: 5 })).toThrow('own: Error: no words');
  });
});
