import { describe, expect, it } from 'vitest';
import { classify, decode, evaluate, imageFolder, randomResizedCrop, train } from '../../src/index.ts';
import { defaultRecipe } from '../../src/streams/recipe.ts';
import { trainingSteps } from '../../src/streams/training-steps.ts';
import type { OptionalTrainOptions } from '../../src/training/train-options.ts';
import { evaluatedRows, jpegSources, rowsOf } from '../support/evaluated-pixels.ts';
import { folderOf } from '../support/folders.ts';
import { recordingTrainer } from '../support/recording-trainer.ts';

const checkpoint = 'test/golden/checkpoint-of-millrace.safetensors';
const { accurate, fast } = await evaluatedRows('bicubic');
const recipe = {
  imageSize: 32,
  interpolation: 'bicubic',
  augmentation: 'none',
  policy: 'v0',
  mixup: 0,
} as const;

/** What a training of one epoch sees, learning and evaluating. */
async function seenByTraining(options: Partial<OptionalTrainOptions> & { data: string }) {
  const { trainer, seen } = recordingTrainer();
  await train({
    ...{ trainer, recipe, workspace: folderOf(), report: false, checkpoints: false },
    stream: { batchSize: 3, workers: 1 },
    schedule: { epochs: 1, base: 0.01 },
    ...options,
  }).result;
  return seen;
}

describe('what is evaluated', () => {
  it('differs from the pixels of the fast DCT', () => {
    expect([accurate.size, fast.size]).toEqual([9, 9]);
    expect(new Set([...accurate, ...fast]).size).toBe(18);
  });

  it.each(['cpu', 'reference'] as const)(
    'is decoded as Pillow does from every source, by %s',
    async (backend) => {
      for (const [source, data] of Object.entries(await jpegSources(folderOf()))) {
        const { trainer, seen } = recordingTrainer();
        const stream = { batchSize: 4, workers: 1, backend };
        await evaluate({ checkpoint, data, trainer, stream });
        expect(seen.evaluateStep, source).toEqual(accurate);
      }
    },
  );

  it('is decoded as Pillow does by classify', async () => {
    const { folder } = await jpegSources(folderOf());
    const { trainer, seen } = recordingTrainer();
    for await (const _ of classify({ images: [folder], weights: checkpoint, trainer }));
    expect(seen.predict).toEqual(accurate);
  });

  it('is decoded as Pillow does in a training, of the weights and of their average', async () => {
    const { folder, store } = await jpegSources(folderOf());
    const evaluation = { data: store };
    const seen = await seenByTraining({ data: folder, evaluation, optimizer: { emaDecay: 0.9 } });
    expect(seen.evaluateStep).toEqual(accurate);
    expect(seen.average).toEqual(accurate);
  });

  it('is decoded as Pillow does where it was cut out of the training data', async () => {
    const { folder } = await jpegSources(folderOf());
    const { evaluateStep } = await seenByTraining({ data: folder, valShare: 0.4 });
    expect(evaluateStep.size).toBeGreaterThan(0);
    expect([...evaluateStep].every((row) => accurate.has(row))).toBe(true);
  });
});

describe('what is trained on', () => {
  it('is decoded by the fast DCT', async () => {
    const { folder } = await jpegSources(folderOf());
    const { trainStep } = await seenByTraining({ data: folder, evaluation: false });
    const steps = [decode({ dct: 'fast' }), ...trainingSteps({ ...defaultRecipe, ...recipe })];
    expect(trainStep).toEqual(await rowsOf(imageFolder(folder), steps));
  });

  it('is decoded as steps that are given say, which evaluation does not follow', async () => {
    const { folder } = await jpegSources(folderOf());
    const steps = [decode({ dct: 'fast', orientation: 'apply' }), randomResizedCrop(32)];
    const seen = await seenByTraining({ data: folder, evaluation: { data: folder }, recipe: {}, steps });
    expect(seen.trainStep).toEqual(await rowsOf(imageFolder(folder), steps));
    expect(seen.evaluateStep).toEqual((await evaluatedRows('bilinear')).accurate);
  });
});
