import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import { folderOf } from '../../support/folders.ts';
import { linearTrainer } from '../../support/linear-trainer.ts';
import { localRanks } from '../../support/local-ranks.ts';
import { patternItems } from '../../support/raw-images.ts';

const data = images(patternItems(12, 2));
const stream = { batchSize: 2, workers: 0 };

/** Trains on two ranks, of which one has something else: how it ends on each, and what the first heard. */
async function trainWith(other: Partial<TrainOptions>, ofFirst: Partial<TrainOptions> = {}) {
  const workspace = folderOf();
  const heard: string[] = [];
  const trainings = localRanks(2).map((ranks) =>
    train({
      ...{ data, trainer: linearTrainer(), workspace, report: false, ranks },
      ...{ recipe: { imageSize: 8 }, stream, evaluation: { data } },
      schedule: { epochs: 2, base: 0.01 },
      ...(ranks.rank === 1 ? other : ofFirst),
    }),
  );
  trainings[0]?.subscribe({ next: ({ type }) => heard.push(type), error: () => {} });
  const outcomes = await Promise.allSettled(trainings.map(({ result }) => result));
  const errors = outcomes.map((one) => (one.status === 'rejected' ? one.reason : undefined));
  return { errors, heard, workspace, isSaved: existsSync(join(workspace, 'checkpoint.safetensors')) };
}

/** One whose weights are a little larger after a step. */
function drifting(isFirst: boolean): Trainer {
  const trainer = linearTrainer();
  const state = async () => {
    const { weights, ...rest } = await trainer.state();
    const { shape, data: values } = weights['w'] as NonNullable<(typeof weights)[string]>;
    return { ...rest, weights: { w: { shape, data: values.map((value) => value * (1 + 2 ** -22)) } } };
  };
  let steps = isFirst ? 1 : 0;
  const applySum = async (...given: Parameters<NonNullable<Trainer['applySum']>>) => {
    steps++;
    return (trainer.applySum as NonNullable<Trainer['applySum']>)(...given);
  };
  return { ...trainer, applySum, state: () => (steps > 0 ? state() : trainer.state()) };
}

describe('a training on ranks', () => {
  it('ends in a checkpoint where all have the same', async () => {
    const { errors, heard, isSaved } = await trainWith({});
    expect({ errors, isSaved }).toEqual({ errors: [undefined, undefined], isSaved: true });
    expect(heard).toContain('evaluation');
  });

  it.each<[what: string, other: Partial<TrainOptions>, words: string]>([
    ['a setting', { schedule: { epochs: 2, base: 0.02 } }, '--lr: rank 0 has 0.01; rank 1 has 0.02'],
    ['data', { data: images(patternItems(14, 2)) }, 'images: rank 0 has 12; rank 1 has 14'],
    [
      'data to evaluate on',
      { evaluation: { data: images(patternItems(4, 2)) } },
      'images to evaluate on: rank 0 has 12; rank 1 has 4',
    ],
    ['no evaluation', { evaluation: false }, '--training-only: rank 0 has none; rank 1 has true'],
    ['no checkpoints', { checkpoints: false }, '--no-checkpoints: rank 0 has none; rank 1 has true'],
    [
      'other checkpoints',
      { checkpoints: { everySteps: 1 } },
      '--checkpoint-steps: rank 0 has -1; rank 1 has 1',
    ],
    ['outliers', { outliers: 3 }, '--log-outliers: rank 0 has none; rank 1 has 3'],
    ['fewer steps', { maxSteps: 2 }, '--prof: rank 0 has -1; rank 1 has 2'],
    ['fewer epochs', { runEpochs: 1 }, '--run-epochs: rank 0 has -1; rank 1 has 1'],
  ])('is refused on all of them where one has other: %s', async (_, other, words) => {
    const { errors, heard, isSaved } = await trainWith(other);
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'RANKS_DIFFER' });
      expect(error.message).toContain(words);
    }
    expect({ isSaved, hasStep: heard.includes('step') }).toEqual({ isSaved: false, hasStep: false });
  });

  it('is refused on all of them where one continues another', async () => {
    const { workspace } = await trainWith({ maxSteps: 1 }, { maxSteps: 1 });
    const { errors } = await trainWith({ resume: workspace });
    for (const error of errors)
      expect(error.message).toContain('first step: rank 0 has 0 (batch 0 of epoch 0); rank 1 has 1 (batch 1');
  });

  it('lists bad images where the first of them says, though others say nothing', async () => {
    const { errors } = await trainWith(
      {},
      { stream: { ...stream, quarantine: join(folderOf(), 'bad.jsonl') } },
    );
    expect(errors).toEqual([undefined, undefined]);
  });

  it('is refused on all of them where one begins with other weights', async () => {
    const { errors, heard } = await trainWith({ trainer: drifting(true) });
    for (const error of errors)
      expect(error).toMatchObject({
        ...{ code: 'RANKS_DIVERGED' },
        message: expect.stringMatching(/^before the first step the ranks have different weights/),
      });
    expect(heard).not.toContain('step');
  });

  it('ends on all of them where weights differ after an epoch, of which nothing is evaluated or saved', async () => {
    const { errors, heard, isSaved } = await trainWith({ trainer: drifting(false) });
    for (const error of errors)
      expect(error).toMatchObject({
        ...{ code: 'RANKS_DIVERGED' },
        message: expect.stringMatching(
          /^after step 2 the ranks have different weights: by digest, rank 0 has/,
        ),
      });
    expect(heard.filter((type) => type === 'step')).toHaveLength(3);
    expect({ isSaved, isEvaluated: heard.includes('evaluation') }).toEqual({
      isSaved: false,
      isEvaluated: false,
    });
  });
});
