import { describe, expect, it } from 'vitest';
import {
  cutmix,
  defineDataset,
  erase,
  images,
  invert,
  live,
  mix,
  mixup,
  randomApply,
  randomChoice,
  trainWith,
} from '../../src/index.ts';

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
  'defineDataset({ labels: [[0]] })': [
    () => defineDataset({ ...dataset, labels: [[0]] as never }),
    'defineDataset: images(1): labels must be a function, got 0',
  ],
  'trainWith()': [() => trainWith(undefined as never), 'trainWith: expected a trainer, got undefined'],
  'trainWith(trainer, { lr })': [
    () => trainWith({ trainStep: async () => ({ loss: 0 }) } as never, { lr: 1 } as never),
    "trainWith: unknown option 'lr' (known: learningRate, firstStep)",
  ],
  'mix({ prob: 2 })': [() => mix({ mixup: 1, prob: 2 }), 'mix: prob must be 0..1 probability, got 2'],
  'mix(0.2)': [
    () => mix(0.2 as never),
    'mix: options must be an object { mixup, cutmix, prob, switchProb, mode, minmax, box }, got 0.2',
  ],
  'mix({ mode: elem })': [
    () => mix({ mixup: 1, mode: 'elem' as never }),
    "mix: mode must be 'batch' or 'pair' or 'row', got 'elem'",
  ],
  'cutmix(-1)': [() => cutmix(-1), 'cutmix: alpha must be 0..100 concentration, got -1'],
  'mixup(NaN)': [() => mixup(Number.NaN), 'mixup: alpha must be 0..100 concentration, got NaN'],
  'erase({ count: 0 })': [
    () => erase({ count: 0 as never }),
    'erase: count must be integers [low, high] within 1..100 boxes, got 0',
  ],
  'erase({ count: [0, 1] })': [
    () => erase({ count: [0, 1] }),
    'erase: count must be integers [low, high] within 1..100 boxes, got [0, 1]',
  ],
  'randomApply([mixup(1)])': [
    () => randomApply([mixup(1)]),
    'randomApply: steps must be a list of image steps, one or more, got [mixup(...)]',
  ],
  'randomChoice([mixup(1), cutmix()])': [
    () => randomChoice([mixup(1), cutmix()]),
    'randomChoice: steps must be a list of image steps, one or more, got [mixup(...), cutmix(...)]',
  ],
  'randomApply([invert])': [
    () => randomApply([invert] as never),
    'randomApply: steps must be a list of image steps, one or more, got [a function invert]',
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
