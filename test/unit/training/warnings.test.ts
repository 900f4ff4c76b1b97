import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { images } from '../../../src/datasets/memory/images.ts';
import { classWarnings, sizeWarnings } from '../../../src/training/data-warnings.ts';
import { LossRise } from '../../../src/training/loss-rise.ts';
import type { TrainStepReport } from '../../../src/training/step-report.ts';
import { train } from '../../../src/training/training.ts';
import { folderOf } from '../../support/folders.ts';
import { photo } from '../../support/photos.ts';
import { countingTrainer } from '../../support/trainers.ts';
import { flawOf } from '../../support/well-formed.ts';

const image = { data: new Uint8Array(12 * 6 * 3), width: 12, height: 6 };

/** So many images of each class. */
const labelled = (...counts: readonly number[]) =>
  images(
    counts.flatMap((count, label) => Array.from({ length: count }, () => ({ image, label }))),
    { classes: counts.map((_, label) => `class ${label}`) },
  );

describe('classes that will be learned badly are told of', () => {
  it.each([
    ['one class', [5], ['all 5 images are of one class, class 0: there is nothing to tell apart']],
    [
      'one class that has images',
      [0, 3],
      ['all 3 images are of one class, class 1: there is nothing to tell apart'],
    ],
    [
      'one with ten times the images of another',
      [4, 40, 9],
      [
        'the classes are unbalanced: class 1 has 10 times the images of class 0, 40 to 4; small classes may be learned badly',
      ],
    ],
    ['less than ten times', [4, 39], []],
  ] as const)('where there is %s', (_, counts, expected) => {
    expect(classWarnings(labelled(...counts))).toEqual(expected);
  });

  it('not where small classes count more already', () => {
    expect(classWarnings(labelled(4, 40), true)).toEqual([]);
    expect(classWarnings(labelled(5), true)).toHaveLength(1);
  });

  it('not where nothing has a label', () => {
    expect(classWarnings(images([{ image }, { image }]))).toEqual([]);
  });
});

describe('images smaller than half the input are told of', () => {
  it('by the shorter side, and not from the half on', async () => {
    const data = labelled(20);
    expect(await sizeWarnings(data, 12)).toEqual([]);
    expect(await sizeWarnings(data, 13)).toEqual([
      'the images are small: half of 16 images looked at have a shorter side of at most 6 pixels, and are enlarged to 13: a smaller --image-size is faster',
    ]);
  });

  it('by most of them, as their headers say; bad ones count nowhere', async () => {
    const sized = (...sides: number[]) =>
      Promise.all(sides.map(async (side, i) => ({ image: Buffer.from(await photo(i, side, 40)) })));
    const bad = { image: Buffer.from('no image') };
    expect(await sizeWarnings(images([...(await sized(10, 40, 40)), bad]), 50)).toEqual([]);
    expect(await sizeWarnings(images([...(await sized(10, 10, 40)), bad]), 50)).toHaveLength(1);
    expect(await sizeWarnings(images([bad]), 50)).toEqual([]);
  });
});

describe('a loss that rose tenfold is told of', () => {
  const heard = (losses: readonly number[]) => {
    const rise = new LossRise();
    return losses.flatMap(
      (loss, step) => rise.add({ step, loss, learningRate: 0.5 } as TrainStepReport) ?? [],
    );
  };

  it('once, with the step, and a lower learning rate', () => {
    expect(heard([2, 2, 2, ...Array(30).fill(50)])).toEqual([
      'the loss rose tenfold, from 2 to 21.2, by step 4: the learning rate of 0.5 is probably too high; try --lr 0.05',
    ]);
  });

  it('not where single batches are worse, nothing is computed, or losses are next to none', () => {
    expect(heard([2, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1.1, 0.1])).toEqual([]);
    expect(heard(Array(20).fill(0))).toEqual([]);
    expect(heard([1e-7, 1e-7, 1e-4, 1e-4, 1e-2])).toEqual([]);
    expect(heard([1, Number.NaN, 100])).toEqual([]);
  });
});

it('warnings are events, and stand in metrics and report', async () => {
  const workspace = folderOf();
  const trainer = countingTrainer(0, (step) => (step < 2 ? 1 : 90));
  const training = train({
    ...{ data: labelled(8), trainer, workspace, recipe: { imageSize: 16 } },
    ...{ stream: { batchSize: 4, workers: 0 }, schedule: { epochs: 4 } },
  });
  const events: string[] = [];
  training.subscribe((event) => event.type === 'warning' && events.push(event.message));
  await training.result;
  const starts = ['all 8 images are of one class', 'the images are small', 'the loss rose tenfold'];
  expect(events).toEqual(starts.map((start) => expect.stringContaining(start)));
  const lines = readFileSync(join(workspace, 'metrics.jsonl'), 'utf8').split('\n');
  for (const message of events) expect(lines).toContain(JSON.stringify({ 'run.warning': message }));
  const page = readFileSync(join(workspace, 'report.html'), 'utf8');
  expect(flawOf(page)).toBeUndefined();
  for (const message of events) expect(page).toContain(`<p class="warning">${message}</p>`);
});
