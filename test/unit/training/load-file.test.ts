import { expect, it } from 'vitest';
import { TrainerError } from '../../../src/core/errors.ts';
import { loadFile } from '../../../src/training/load-file.ts';
import { countingTrainer } from '../../support/trainers.ts';

const state = { weights: {}, optimizer: {} };
/** What a trainer's error becomes. */
const failing = (error: Error): Promise<unknown> => {
  const trainer = { ...countingTrainer(), load: () => Promise.reject(error) };
  return loadFile('a.safetensors', state, trainer).catch((reason: unknown) => reason);
};

it('names the file whose tensors are of another model', async () => {
  const cause = new TrainerError('STATE_MISMATCH', 'stem.conv.weight: missing');
  const message = 'a.safetensors: stem.conv.weight: missing';
  expect(await failing(cause)).toMatchObject({ code: 'STATE_MISMATCH', message, cause });
});

it('leaves other errors as they are', async () => {
  const error = new TrainerError('NOT_PREPARED', 'load before prepare');
  expect(await failing(error)).toBe(error);
});
