import fc from 'fast-check';
import type { Batch } from '../../src/core/batch.ts';
import type { TensorMap, Trainer, TrainingSettings } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { initialWeights } from '../../src/models/parameters.ts';
import { type Padding, paddings } from '../../src/models/scaling.ts';
import { blendedBy } from './blended-by.ts';
import { randomFloats } from './finite-differences.ts';
import { makeBatch, trainingSettings } from './trainers.ts';

/** A small model and a training of two steps. */
export interface ModelCase {
  readonly width: number;
  readonly depth: number;
  readonly classes: number;
  readonly stemStride: 1 | 2;
  readonly padding: Padding;
  readonly wideSqueeze: boolean;
  readonly finalSurvival: number;
  readonly rows: number;
  readonly height: number;
  readonly imageWidth: number;
  readonly dtype: Batch['dtype'];
  readonly layout: Batch['layout'];
  /** MixUp's weight; 1: nothing is mixed. */
  readonly lambda: number;
  readonly labelSmoothing: number;
  readonly optimizer: TrainingSettings['optimizer'];
  readonly seed: number;
}

export const modelCase: fc.Arbitrary<ModelCase> = fc.record({
  width: fc.constantFrom(0.1, 0.25, 0.4),
  depth: fc.constantFrom(0.1, 0.25, 0.6),
  classes: fc.integer({ min: 2, max: 11 }),
  stemStride: fc.constantFrom(1, 2),
  padding: fc.constantFrom(...paddings),
  wideSqueeze: fc.boolean(),
  finalSurvival: fc.constantFrom(1, 0.6),
  rows: fc.integer({ min: 2, max: 6 }),
  // the last images are larger than a pixel: of a few values a batch norm leaves hardly anything but rounding
  height: fc.integer({ min: 33, max: 50 }),
  imageWidth: fc.integer({ min: 33, max: 50 }),
  dtype: fc.constantFrom('float16', 'float32'),
  layout: fc.constantFrom('nhwc', 'nchw'),
  lambda: fc.constantFrom(1, 0.7),
  labelSmoothing: fc.constantFrom(0, 0.1),
  optimizer: fc.constantFrom('sgd', 'rmsprop'),
  seed: fc.integer({ min: 0, max: 2 ** 30 }),
});

export const modelOf = (one: ModelCase): EfficientNet => {
  const { width, depth, classes, stemStride, padding, wideSqueeze, finalSurvival } = one;
  return efficientNet({
    ...{ width, depth, classes, stemStride, padding, wideSqueeze, finalSurvival },
    ...{ dropout: 0, resolution: 32, batchNormMomentum: 0.1 },
  });
};

export function batchOf(one: ModelCase, index: number): Batch {
  const { rows, height, imageWidth: width, classes, layout, lambda, dtype, seed } = one;
  const labelsOf = (factor: number) =>
    Int32Array.from({ length: rows }, (_, row) => (index + factor * row) % classes);
  return makeBatch({
    images: Float32Array.from(randomFloats(rows * height * width * 3, seed + index), (value) => 2 * value),
    shape: layout === 'nhwc' ? [rows, height, width, 3] : [rows, 3, height, width],
    labels: labelsOf(1),
    ...(lambda < 1 && { mixing: blendedBy(lambda, labelsOf(3)) }),
    ...{ dtype, layout },
  });
}

/** What trainers have to agree on. */
export interface Opinion {
  readonly losses: readonly number[];
  readonly logits: Float32Array;
  /** Mean losses of an evaluation with the weights, and with their average. */
  readonly evaluations: readonly number[];
  /** By how much each tensor differs from what it began as. */
  readonly changes: Changes;
  readonly averageChanges: Changes;
}
type Changes = ReadonlyMap<string, Float64Array>;

/**
 * Trains two steps and evaluates; the trainer is closed afterwards.
 *
 * @param nudge by what part the first weights differ, up or down
 */
export async function opinionOf(trainer: Trainer<EfficientNet>, one: ModelCase, nudge = 0): Promise<Opinion> {
  const { optimizer, labelSmoothing, seed } = one;
  const model = modelOf(one);
  // RMSprop divides small gradients by themselves: steps as long as SGD's would make much of rounding
  const learningRate = optimizer === 'rmsprop' ? 0.001 : 0.01;
  const settings = { ...trainingSettings, optimizer, labelSmoothing, emaDecay: 0.5 };
  try {
    await trainer.prepare(model, { precision: 'float32', seed, settings });
    const before = nudged(initialWeights(model, seed), nudge);
    await trainer.load({ weights: before, optimizer: {} });
    const losses: number[] = [];
    for (const step of [0, 1]) {
      const options = { learningRate, apply: true, lossScale: 1, step, losses: true };
      const result = await trainer.trainStep(batchOf(one, step), options);
      losses.push(result.loss, ...(result.losses ?? []));
    }
    const { weights, average = {} } = await trainer.state();
    const other = batchOf(one, 2);
    const evaluations = [await trainer.evaluateStep(other), await trainer.evaluateAverageStep?.(other)];
    return {
      losses,
      logits: (await trainer.predict?.(other)) as Float32Array,
      evaluations: evaluations.map((result) => (result?.lossSum as number) / one.rows),
      changes: changesOf(weights, before),
      averageChanges: changesOf(average, before),
    };
  } finally {
    await trainer.close();
  }
}

const nudged = (weights: TensorMap, nudge: number): TensorMap =>
  Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((value, i) => value * (1 + (i % 3 === 0 ? nudge : -nudge))) },
    ]),
  );

const changesOf = (after: TensorMap, before: TensorMap): Changes =>
  new Map(
    Object.entries(after).map(([name, { data }]) => [
      name,
      Float64Array.from(data, (value, i) => value - (before[name]?.data[i] as number)),
    ]),
  );

/** How far two opinions are apart, by name: 1 is as far as the golden steps may be from PyTorch. */
export function distances(actual: Opinion, expected: Opinion): ReadonlyMap<string, number> {
  const far = new Map<string, number>();
  for (const name of ['losses', 'evaluations'] as const)
    far.set(name, largestDistance(actual[name], expected[name]) / 2e-5);
  far.set('logits', norm(difference(actual.logits, expected.logits)) / (1e-4 * norm(expected.logits)));
  for (const part of ['changes', 'averageChanges'] as const)
    for (const isRunning of [false, true])
      for (const [name, distance] of distancesOf(actual[part], expected[part], isRunning))
        far.set(`${part} of ${name}`, distance);
  return far;
}

function distancesOf(actual: Changes, expected: Changes, isRunning: boolean): [string, number][] {
  const tensors = [...expected].filter(([name]) => name.includes('running_') === isRunning);
  const all = norm(tensors.map(([, change]) => norm(change)));
  return tensors.map(([name, change]) => {
    const distance = norm(difference(actual.get(name) as Float64Array, change));
    // what is zero by theory is measured by the others, and by the rounding of weights near 1
    return [name, distance / (1e-4 * (norm(change) + 1e-2 * all) + 3e-6)];
  });
}

const norm = (values: Iterable<number>): number => Math.hypot(...values);

const difference = (actual: ArrayLike<number>, expected: ArrayLike<number>): number[] =>
  Array.from(expected, (value, i) => value - (actual[i] as number));

const largestDistance = (actual: readonly number[], expected: readonly number[]): number =>
  actual.length === expected.length
    ? Math.max(...difference(actual, expected).map(Math.abs))
    : Number.POSITIVE_INFINITY;
