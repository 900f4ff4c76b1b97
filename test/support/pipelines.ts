import fc from 'fast-check';
import type { Step } from '../../src/core/step.ts';
import { erase, mix, normalize, randomResizedCrop, resize } from '../../src/index.ts';
import { imageOperatorNames, type OperatorName, stepOf, validOptions } from './operator-calls.ts';

/** Operators that take an image of any size and leave its size as it is; steps within others may not. */
const keepsSize = imageOperatorNames.filter(
  (name) => !/crop|resize|decode|^pad$|^random(Apply|Choice|Order)$/i.test(name),
);

const anyKeptSize: fc.Arbitrary<Step> = fc
  .constantFrom<OperatorName>(...keepsSize)
  .chain((name) => validOptions(name).map((options) => stepOf(name, options)));

const side = fc.integer({ min: 1, max: 24 });
const interpolation = fc.constantFrom('bilinear' as const, 'bicubic' as const);

/** A step that gives all images one size. */
const anySizing: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(side, interpolation).map(([size, filter]) => randomResizedCrop(size, { interpolation: filter })),
  fc
    .tuple(side, side, interpolation)
    .map(([width, height, filter]) => resize({ width, height, interpolation: filter })),
);

const format = fc.record({
  dtype: fc.constantFrom('float16' as const, 'float32' as const),
  layout: fc.constantFrom('nhwc' as const, 'nchw' as const),
});

/** Image steps with one or two changes of size somewhere among them, then normalize. */
export const anyPipeline = fc
  .record({
    before: fc.array(anyKeptSize, { maxLength: 2 }),
    sizing: fc.array(anySizing, { minLength: 1, maxLength: 2 }),
    after: fc.array(anyKeptSize, { maxLength: 3 }),
    format,
    batchSize: fc.integer({ min: 1, max: 12 }),
    alpha: fc.constantFrom(0, 0.2, 1),
  })
  .map(({ before, sizing, after, format, batchSize, alpha }) => ({
    steps: [...before, ...sizing, ...after, normalize(format)],
    batchSize,
    alpha,
  }));

const anyErase: fc.Arbitrary<Step[]> = fc
  .record({
    probability: fc.constantFrom(0.5, 1),
    value: fc.constantFrom('constant' as const, 'colour' as const, 'noise' as const),
    count: fc.constantFrom<[number, number]>([1, 1], [1, 3]),
  })
  .map((options) => [erase(options)]);

/** Mixes by MixUp, CutMix or both, and erases before, after, or not at all. */
export const anyMix: fc.Arbitrary<Step[]> = fc
  .record({
    alphas: fc.constantFrom({ mixup: 0.8 }, { cutmix: 1 }, { mixup: 0.8, cutmix: 1 }),
    mode: fc.constantFrom('batch' as const, 'pair' as const, 'row' as const),
    prob: fc.constantFrom(0.5, 1),
    before: fc.oneof(fc.constant([]), anyErase),
    after: fc.oneof(fc.constant([]), anyErase),
  })
  .map(({ alphas, mode, prob, before, after }) => [...before, mix({ ...alphas, mode, prob }), ...after]);
