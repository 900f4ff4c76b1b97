import { describe, expect, it } from 'vitest';
import { defineDataset, images, live, trainWith } from '../../src/index.ts';

const dataset = images([{ image: { data: new Uint8Array(3), width: 1, height: 1 } }]);

/** Calls that a program without types may make, and what they are told. */
const calls: Readonly<Record<string, [call: () => unknown, message: string]>> = {
  'live(frames)': [
    () => live([], undefined as never),
    'live: overflow must be drop-oldest, drop-newest, error, got undefined',
  ],
  'images()': [
    () => images(undefined as never),
    'images: expected a list of { image, label }, got undefined',
  ],
  'defineDataset()': [
    () => defineDataset(undefined as never),
    'defineDataset: the dataset: name must be a string, got undefined',
  ],
  'defineDataset({ key: undefined })': [
    () => defineDataset({ ...dataset, key: undefined as never }),
    'defineDataset: images(1): key must be a function, got undefined',
  ],
  'trainWith()': [() => trainWith(undefined as never), 'trainWith: expected a trainer, got undefined'],
  'trainWith(trainer, { lr })': [
    () => trainWith({ trainStep: async () => ({ loss: 0 }) } as never, { lr: 1 } as never),
    "trainWith: unknown option 'lr' (known: learningRate, firstStep)",
  ],
};

describe('what lacks an argument, or has one that is none', () => {
  it.each(Object.entries(calls))(
    '%s is refused by a ParameterError that says what is expected',
    (_, given) => {
      const [call, message] = given;
      expect(call).toThrow(expect.objectContaining({ name: 'ParameterError', message }));
    },
  );
});
