import { expect, it } from 'vitest';
import { PluginError } from '../../../src/core/errors.ts';
import { guardedTrainer } from '../../../src/core/guarded-trainer.ts';
import type { Contribution, PartOptions, Trainer } from '../../../src/core/trainer.ts';
import { countingTrainer, makeBatch } from '../../support/trainers.ts';

const part = makeBatch({
  images: new Float32Array(2 * 12),
  shape: [2, 2, 2, 3],
  labels: Int32Array.of(0, 1),
});
const options: PartOptions = {
  ...{ learningRate: 1, apply: true, lossScale: 1, step: 0 },
  parts: 2,
  firstRow: 0,
};
const contributing = (given: unknown): Trainer => ({
  ...countingTrainer(),
  contribution: async () => given as Contribution,
  applySum: async (sum) => ({ loss: (sum[0] as number) / options.parts }),
});

it('hands on what a trainer contributes, and the sum', async () => {
  const given = { vector: Float32Array.of(1, 2), losses: Float32Array.of(1, 3) };
  const trainer = guardedTrainer(contributing(given));
  expect(await trainer.contribution?.(part, options)).toBe(given);
  expect(await trainer.applySum?.(Float32Array.of(6), options)).toEqual({ loss: 3 });
});

it('has no more methods than the trainer', () => {
  const trainer = guardedTrainer(countingTrainer());
  expect(trainer.contribution).toBeUndefined();
  expect('applySum' in trainer).toBe(false);
});

it.each([
  { given: undefined, message: 'vector must be a Float32Array, got undefined' },
  { given: { vector: [1, 2, 3] }, message: 'vector must be a Float32Array, got [ 1, 2, ... 1 more item ]' },
  {
    given: { vector: Float64Array.of(1) },
    message: 'vector must be a Float32Array, got Float64Array(1) [ 1 ]',
  },
  {
    given: { vector: Float32Array.of(1), losses: [1, 2] },
    message: 'losses must be a Float32Array, got [ 1, 2 ]',
  },
])("calls it a fault in the trainer's code: $message", async ({ given, message }) => {
  const contribution = guardedTrainer(contributing(given)).contribution?.(part, options);
  await expect(contribution).rejects.toBeInstanceOf(PluginError);
  await expect(contribution).rejects.toMatchObject({
    code: 'TRAINER_FAILED',
    message: `counting: contribution: TypeError: ${message} (batch 0 of epoch 0): a fault in the code of this trainer, not in the data`,
  });
});
