import { it } from 'vitest';
import { cutmix } from '../../operators/batch/cutmix.ts';
import { mix } from '../../operators/batch/mix.ts';
import { mixup } from '../../operators/batch/mixup.ts';
import { autoAugment } from '../../operators/image/auto-augment.ts';
import { equalize } from '../../operators/image/equalize.ts';
import { invert } from '../../operators/image/invert.ts';
import { randomChoice } from '../../operators/image/random-choice.ts';
import { randomHorizontalFlip } from '../../operators/image/random-horizontal-flip.ts';
import { randomResizedCrop } from '../../operators/image/random-resized-crop.ts';
import type { BatchOperator } from '../../operators/operator.ts';
import { erase } from '../../operators/tensor/erase.ts';
import { randomFor } from '../../src/core/random.ts';
import { definitionOf, describeStep, type Step } from '../../src/core/step.ts';
import { drawProgram } from '../../src/engine/plan/program.ts';
import { expectCommitted } from '../support/committed.ts';
import { callOperator } from '../support/operator-calls.ts';

const image = { width: 500, height: 375 };
const calls = [
  ['randomResizedCrop', 224],
  ['randomResizedCrop', 64, { scale: [0.5, 1], ratio: [1, 1], interpolation: 'bicubic' }],
  ['randomHorizontalFlip'],
  ['autoAugment'],
  ['autoAugment', { policy: 'imagenet' }],
  ['randomApply', [randomResizedCrop(64), autoAugment()], { probability: 0.8 }],
  ['randomChoice', [invert(), randomHorizontalFlip(), autoAugment()], { weights: [1, 5, 2] }],
  ['randomOrder', [invert(), randomChoice([equalize(), randomHorizontalFlip()]), randomHorizontalFlip()]],
  ['autoAugment', { translate: 'relative' }],
  ['trivialAugment'],
  ['autoAugment', { policy: 'original', mstd: 0.5 }],
  ['randAugment'],
  ['randAugment', { config: 'rand-m9-mstd0.5-inc1' }],
  ['randAugment', { config: 'rand-mstdinf-n3-tweights', interpolation: 'bicubic' }],
  ['gaussianBlur'],
  ['gaussianNoise'],
  ['colorJitter', { brightness: 0.4, contrast: 0.4, saturation: 1.5, hue: 0.1 }],
  ['colorJitter', { saturation: 0.2 }],
  ['randomGrayscale'],
  ['randomSolarize', { threshold: 128 }],
  ['randomCrop', 32, { padding: 4 }],
  ['randomCrop', 400, { padding: 8, paddingMode: 'reflect', padIfNeeded: true }],
  ['randomVerticalFlip'],
  ['randomResizedCrop', 224, { interpolation: 'random' }],
] as const;
const mixes = [
  cutmix(),
  mix({ mixup: 0.8, cutmix: 1 }),
  mix({ mixup: 0.2, cutmix: 0.5, prob: 0.5, switchProb: 0.8, box: 'timm' }),
  mix({ minmax: [0.2, 0.8] }),
];
const erasings = [
  erase(),
  erase({ probability: 1, value: 'colour', count: [1, 3] }),
  erase({ value: 'noise' }),
];
const samples = [0, 1, 2, 3, 4, 5, 6, 7, 1_281_166, 2 ** 40];

it('draws what earlier releases drew for the same seeds', () => {
  const lines = [
    ...calls.flatMap(drawsOf),
    ...[0.2, 1, 2.5].flatMap(lambdasOf),
    ...mixes.flatMap(mixesOf),
    ...erasings.flatMap(erasuresOf),
  ];
  expectCommitted('test/golden/draws.json', `[\n${lines.join(',\n')}\n]\n`, 'UPDATE_DRAWS');
});

/** One line a sample. The position of the operator is not 0, as in a real pipeline. */
function drawsOf([name, ...args]: (typeof calls)[number], position: number): string[] {
  const step = callOperator(name, args);
  const { parameters } = step[describeStep];
  const before = Array.from({ length: position }, () => callOperator('invert', []));
  return samples.map((sampleId) => {
    const steps = [...before, step].map((each) => ({
      operator: each[definitionOf] as never,
      parameters: each[describeStep].parameters,
    }));
    const { drawn } = drawProgram(steps, image, { seed: 42, epoch: 1, sampleId });
    return JSON.stringify({
      name,
      parameters: withoutModules(parameters),
      position,
      sampleId,
      drawn: drawn.at(-1)?.values,
    });
  });
}

/** Where the modules of nested steps lie is not what they draw. */
const withoutModules = (parameters: unknown): unknown =>
  JSON.parse(JSON.stringify(parameters, (key, value) => (key === 'module' ? undefined : value)));

function lambdasOf(alpha: number): string[] {
  return [0, 1, 2, 3].map((batch) => {
    const drawn = mixup.definition.draw({ alpha }, randomFor(42, 1, batch, 5, 'batch'), image);
    return JSON.stringify({ name: 'mixup', alpha, batch, drawn });
  });
}

function mixesOf(step: Step): string[] {
  const { name, parameters } = step[describeStep];
  // biome-ignore lint/suspicious/noExplicitAny: erased, as in plan.ts.
  const { draw } = step[definitionOf] as BatchOperator<any>;
  return [0, 1, 2, 3].map((batch) => {
    const drawn = draw(parameters, randomFor(42, 1, batch, 0, 'batch'), image) ?? null;
    return JSON.stringify({ name, parameters, batch, drawn });
  });
}

function erasuresOf(step: Step): string[] {
  const { name, parameters } = step[describeStep];
  return [0, 1, 2, 3].map((sampleId) => {
    const drawn = erase.definition.draw(parameters as never, randomFor(42, 1, sampleId, 2), image);
    return JSON.stringify({ name, parameters, sampleId, drawn });
  });
}
