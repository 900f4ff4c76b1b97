import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { images } from '../../../src/datasets/memory/images.ts';
import type { EvaluationResult, Trainer } from '../../../src/index.ts';
import { createTrainer } from '../../../src/trainers/none.ts';
import { checkValidation } from '../../../src/training/check-validation.ts';
import { completeOptions } from '../../../src/training/complete-options.ts';
import { Agreement } from '../../../src/training/ranks/agreement.ts';
import type { TrainingEvent } from '../../../src/training/training-event.ts';
import { validate } from '../../../src/training/validation.ts';
import { runFiles } from '../../../src/workspace/workspace.ts';
import { folderOf } from '../../support/folders.ts';
import { localRanks } from '../../support/local-ranks.ts';
import { patternItems } from '../../support/raw-images.ts';

const size = { imageSize: 8, interpolation: 'bilinear' } as const;
const items = patternItems(9);

/** Takes all images for those of one class. */
const guess =
  (prediction: number): Trainer['evaluateStep'] =>
  async ({ labels }): Promise<EvaluationResult> => ({
    ...{ lossSum: 1 / 3, top1: labels.filter((label) => label === prediction).length, top5: 0 },
    ...{ rows: labels.length, predictions: labels.map(() => prediction) },
  });

async function validateOn(count: number) {
  const data = images(items);
  const options = completeOptions({
    data,
    stream: { batchSize: 4, workers: 0 },
    optimizer: { emaDecay: 0.9 },
  });
  const trainer = { ...createTrainer(), evaluateStep: guess(0), evaluateAverageStep: guess(1) };
  const folders = Array.from({ length: count }, () => folderOf());
  const heard = await Promise.all(
    localRanks(count).map(async (ranks, i) => {
      const events: TrainingEvent[] = [];
      const files = runFiles(folders[i] as string, 'metrics.jsonl');
      const validating = { options, images: size, trainer, files };
      const { top1 } = await validate(
        validating,
        data,
        3,
        (event) => events.push(event),
        new Agreement(ranks),
      );
      return { top1, events: events.map((event) => ({ ...event, speed: undefined })) };
    }),
  );
  const written = folders.map((folder) => {
    const { confusion } = runFiles(folder, 'metrics.jsonl');
    try {
      return readFileSync(confusion, 'utf8');
    } catch {
      return undefined;
    }
  });
  return { heard, written };
}

describe('validation by ranks', () => {
  it('tells all ranks of the weights and their average, and has the first write what was taken for what', async () => {
    const alone = await validateOn(1);
    const { heard, written } = await validateOn(4);
    expect(alone.heard[0]?.events.map((event) => 'name' in event && event.name)).toEqual(['val', 'val_ema']);
    for (const one of heard) expect(one).toEqual(alone.heard[0]);
    expect(written).toEqual([alone.written[0], undefined, undefined, undefined]);
    expect(written[0]).toBeDefined();
  });
});

describe('images that ranks check before training', () => {
  /** What the check says on each rank, and which images were looked at. */
  async function checkOn(count: number, bad: readonly number[]) {
    const looked: number[] = [];
    const data = images(
      items.map((item, i) => (bad.includes(i) ? { ...item, image: Buffer.from('a text') } : item)),
    );
    const watched = {
      ...data,
      key: (id: number) => {
        looked.push(id);
        return data.key(id);
      },
    };
    const checks = localRanks(count).map((ranks) =>
      checkValidation(watched, size, undefined, new Agreement(ranks)),
    );
    const outcomes = await Promise.allSettled(checks);
    return { outcomes, looked: looked.sort((a, b) => a - b) };
  }

  it.each([1, 2, 4])('are looked at once by %i ranks together', async (count) => {
    const { outcomes, looked } = await checkOn(count, []);
    expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(looked).toEqual(items.map((_, id) => id));
  });

  it('end the training on all ranks where one is bad, by the first of them', async () => {
    const { outcomes } = await checkOn(2, [6, 7]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        reason: { code: 'NOT_AN_IMAGE', message: expect.stringMatching(/^rank 1 of 2: pattern-6/) },
      });
  });
});
