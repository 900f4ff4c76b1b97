import { expect, it } from 'vitest';
import { leftThreads } from '../../../bench/soak-sample.ts';
import { soakTraining } from '../../../bench/soak-training.ts';
import { folderOf } from '../../support/folders.ts';

it('samples after each evaluation of a training, in its second half, and leaves no thread behind', async () => {
  const work = { steps: 24, evaluations: 6, size: 32, batchSize: 8, workers: 1 };
  const run = await soakTraining({ ...work, images: folderOf() });
  expect(run.samples.map(({ images }) => images)).toEqual([16 * 8, 20 * 8, 24 * 8]);
  expect(run.work).toMatch(/^24 steps and 6 evaluations in /);
  for (const { held, own } of run.samples) {
    // the memory that the trainer's threads share
    expect(held).toBeGreaterThan(2 ** 20);
    expect(own).toBeGreaterThan(held);
  }
  expect(run.workers).toBeGreaterThan(1);
  expect(await leftThreads(run)).toEqual([]);
}, 60_000);
