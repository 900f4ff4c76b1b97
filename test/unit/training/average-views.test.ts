import { describe, expect, it } from 'vitest';
import { fromHalf } from '../../../src/core/half.ts';
import {
  type Batch,
  centerCrop,
  decode,
  fiveCrop,
  horizontalFlip,
  images,
  normalize,
  type Pipeline,
  pipeline,
  resize,
  type Step,
  tenCrop,
} from '../../../src/index.ts';
import { evaluateLogits } from '../../../src/trainers/recipe/evaluate-logits.ts';
import { evaluatorFor } from '../../../src/training/average-views.ts';
import { trainDefaults } from '../../../src/training/complete-options.ts';
import { type EvaluationData, evaluateOnRanks } from '../../../src/training/evaluate-on-ranks.ts';
import { Agreement } from '../../../src/training/ranks/agreement.ts';
import { localRanks } from '../../support/local-ranks.ts';
import { patternItems } from '../../support/raw-images.ts';
import { countingTrainer } from '../../support/trainers.ts';

const CLASSES = 7;
const SIZE = 8;
const dataset = images(patternItems(23, CLASSES));

/** A linear model of the pixels. */
const trainer = {
  ...countingTrainer(),
  async predict(batch: Batch): Promise<Float32Array> {
    const rows = batch.labels.length;
    const values = Array.from(await batch.read(), fromHalf);
    const perRow = values.length / rows;
    return Float32Array.from({ length: rows * CLASSES }, (_, i) => {
      const row = values.slice(Math.floor(i / CLASSES) * perRow, (Math.floor(i / CLASSES) + 1) * perRow);
      return row.reduce((sum, value, j) => sum + value * Math.sin(j * ((i % CLASSES) + 1)), 0);
    });
  },
};

const shortSide = Math.round((SIZE * 8) / 7);
const oneView = (...steps: Step[]): Pipeline =>
  pipeline(dataset, { batchSize: 23, shuffle: false, workers: 0 }).pipe(
    decode({ dct: 'accurate' }),
    resize({ shortSide }),
    ...steps,
    normalize(),
  );

/** Logits of all images, of one view of each. */
async function logitsOf(stream: Pipeline): Promise<Float32Array> {
  for await (const batch of stream) return trainer.predict(batch);
  throw new Error('no batch');
}

/** Logits of each view, one pipeline a view. */
async function viewsByHand(tta: 'flip' | 5 | 10): Promise<Float32Array[]> {
  if (tta === 'flip')
    return [
      await logitsOf(oneView(centerCrop(SIZE))),
      await logitsOf(oneView(centerCrop(SIZE), horizontalFlip())),
    ];
  const crops = Array.from({ length: tta }, () => new Float32Array(23 * CLASSES));
  const crop = tta === 5 ? fiveCrop(SIZE) : tenCrop(SIZE);
  // sample by sample: 5 or 10 rows of one in a batch
  const stream = pipeline(dataset, { batchSize: tta, views: tta, shuffle: false, workers: 0 });
  for await (const batch of stream.pipe(
    decode({ dct: 'accurate' }),
    resize({ shortSide }),
    crop,
    normalize(),
  )) {
    const logits = await trainer.predict(batch);
    for (const [view, found] of crops.entries())
      found.set(logits.subarray(view * CLASSES, (view + 1) * CLASSES), (batch.ids[0] as number) * CLASSES);
  }
  return crops;
}

const data = (tta: 'flip' | 5 | 10 | undefined, batchSize: number): EvaluationData => ({
  dataset,
  reading: { ...trainDefaults.stream, batchSize, workers: 0 },
  images: { imageSize: SIZE, interpolation: 'bilinear', tta },
  signal: undefined,
});

const onRanks = (size: number, tta: 'flip' | 5 | 10, batchSize: number) =>
  Promise.all(
    localRanks(size).map((ranks) =>
      evaluateOnRanks(new Agreement(ranks), data(tta, batchSize), evaluatorFor(trainer, tta)),
    ),
  );

describe.each(['flip', 5, 10] as const)('an evaluation with tta %s', (tta) => {
  it('judges each image by the mean of its views’ logits, on any number of ranks', async () => {
    const views = await viewsByHand(tta);
    const mean = Float32Array.from(
      views[0] as Float32Array,
      (_, i) => views.reduce((sum, logits) => sum + (logits[i] as number), 0) / views.length,
    );
    const labels = Int32Array.from({ length: 23 }, (_, i) => i % CLASSES);
    const { top1, top5, lossSum } = evaluateLogits(mean, { labels }, CLASSES);
    const [alone] = await onRanks(1, tta, 40);
    expect(alone).toMatchObject({ images: 23, top1: top1 / 23, top5: top5 / 23 });
    expect(alone?.loss).toBeCloseTo(lossSum / 23, 9);
    expect(alone?.confusion?.reduce((sum, cell) => sum + cell.images, 0)).toBe(23);
    for (const size of [2, 3])
      for (const one of await onRanks(size, tta, 40))
        expect({ ...one, speed: undefined }).toEqual({ ...alone, speed: undefined });
  });

  it('has batches of whole images, however few rows are asked for', async () => {
    const [few] = await onRanks(1, tta, 1);
    const [many] = await onRanks(1, tta, 1000);
    expect([few?.images, few?.top1]).toEqual([23, many?.top1]);
  });
});

it('tells a trainer that gives no logits from one that does', () => {
  const { predict: _, ...mute } = trainer;
  expect(() => evaluatorFor(mute, 5)).toThrow('tta (--tta): the trainer counting has no predict()');
  expect(evaluatorFor(mute, undefined)).toBe(mute);
});
