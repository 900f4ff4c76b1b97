import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { RawImage } from '../../../src/core/image.ts';
import type { Trainer } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import { folderOf } from '../../support/folders.ts';
import { patternItems } from '../../support/raw-images.ts';

const data = images(patternItems(8).map((item, i) => ({ ...item, label: i % 2 })));

const trainer: Trainer = {
  name: 'fixed',
  prepare: async () => {},
  trainStep: async () => ({ loss: 1 }),
  evaluateStep: async ({ labels }) => ({ lossSum: 1, top1: 1, top5: 2, rows: labels.length }),
  state: async () => ({ weights: { one: { shape: [1], data: Float32Array.of(1) } }, optimizer: {} }),
  load: async () => {},
  close: async () => {},
};

/** Trains for an epoch and evaluates these files; what is heard, and how it ends. */
async function trainWith(files: Record<string, Buffer>, more: Partial<TrainOptions> = {}) {
  const val = images(Object.entries(files).map(([key, image], i) => ({ image, label: i % 2, key })));
  const heard: string[] = [];
  const training = train({
    ...{ data, trainer, workspace: folderOf(), report: false, evaluation: { data: val } },
    recipe: { imageSize: 8 },
    stream: { batchSize: 4, workers: 0 },
    schedule: { epochs: 1, base: 0.01 },
    ...more,
  });
  training.subscribe({ next: ({ type }) => heard.push(type), error: () => {} });
  const error = await training.result.then(
    () => undefined,
    (reason: Error) => reason,
  );
  return { heard, error };
}

const png = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();

describe('before the first epoch', () => {
  it('a training ends where an image that it would evaluate cannot be one, naming it', async () => {
    const files = { 'a.png': await png(20, 10), 'b.png': Buffer.from('a text'), 'c.png': await png(9, 9) };
    const { heard, error } = await trainWith(files);
    expect(heard).not.toContain('step');
    expect(error).toMatchObject({ code: 'NOT_AN_IMAGE', sample: 'b.png' });
    expect(error?.message).toMatch(/^b\.png: /);
  });

  it('a training ends where not one image that it would evaluate has any of several classes', async () => {
    const several = (labels: readonly number[][]) =>
      images(
        labels.map((one, i) => ({ image: patternItems(2)[i]?.image as RawImage, labels: one })),
        {
          classes: ['0', '1'],
        },
      );
    const none = { evaluation: { data: several([[], []]) }, data: several([[0], [1]]) };
    const stream = { batchSize: 2, workers: 0 };
    expect(await trainWith({ 'a.png': await png(9, 9) }, { ...none, stream })).toMatchObject({
      heard: [],
      error: {
        code: 'NO_CLASS',
        message: 'images(2): not one of 2 images has a class: there is nothing to evaluate',
      },
    });
    const some = { ...none, evaluation: { data: several([[], [1]]) } };
    expect((await trainWith({ 'a.png': await png(9, 9) }, { ...some, stream })).error).toBeUndefined();
  });

  it('no image is refused for a size that never exists', async () => {
    const { heard, error } = await trainWith({ 'a.png': await png(3000, 2), 'b.png': await png(2, 3000) });
    expect(error).toBeUndefined();
    expect(heard).toContain('evaluation');
  });

  it('nothing is looked for where bad images are replaced, or nothing is evaluated', async () => {
    const files = { 'a.png': await png(20, 10), 'b.png': Buffer.from('a text'), 'c.png': await png(9, 9) };
    const stream = { batchSize: 4, workers: 0, onError: 'substitute', maxBad: 9 } as const;
    const substituted = await trainWith(files, { stream });
    expect(substituted.error).toBeUndefined();
    expect(substituted.heard).toContain('evaluation');
    expect((await trainWith(files, { maxSteps: 1 })).heard).toContain('step');
  });
});
