import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { classBalanced, type TrainOptions, train } from '../../../src/index.ts';
import { createTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { readClassWeights } from '../../../src/training/class-weights.ts';
import { optionsOfValues, settingValues } from '../../../src/training/settings.ts';
import { stateDigest } from '../../../src/training/state-digest.ts';
import { folderOf } from '../../support/folders.ts';
import { metricsOf } from '../../support/interrupted-training.ts';
import { patternItems } from '../../support/raw-images.ts';
import { type RankResult, trainOnRanks } from '../../support/trained-on-ranks.ts';
import { countingTrainer } from '../../support/trainers.ts';

const classes = ['cat', 'dog', 'owl'];
/** Twelve cats, three dogs, one owl. */
const rare = patternItems(16).map(({ image }, i) => ({ image, label: i < 12 ? 0 : i < 15 ? 1 : 2 }));
const data = images(rare, { classes });

/** Remembers the weights that it was told of. */
function weighingTrainer() {
  const heard: (readonly number[] | undefined)[] = [];
  const trainer: Trainer = {
    ...countingTrainer(),
    weighsClasses: true,
    prepare: async (_, { settings }) => void heard.push(settings.classWeights),
  };
  return { trainer, heard };
}

const options = (more: Partial<TrainOptions> = {}): TrainOptions =>
  ({
    ...{ data, report: false, evaluation: false, recipe: { imageSize: 8 }, workspace: folderOf() },
    ...{ trainer: weighingTrainer().trainer, schedule: { epochs: 2, base: 0.01 } },
    ...more,
    stream: { batchSize: 4, workers: 0, ...more.stream },
  }) as TrainOptions;

const weightsFor = async (classWeights: TrainOptions['classWeights'], more: Partial<TrainOptions> = {}) => {
  const { trainer, heard } = weighingTrainer();
  await train(options({ trainer, classWeights, maxSteps: 1, ...more })).result;
  return heard.at(-1);
};

describe('weights of classes', () => {
  it('have a mean of 1 over the images, whichever they are', async () => {
    expect(await weightsFor(undefined)).toBeUndefined();
    // 16 / (3 x 12), 16 / (3 x 3), 16 / 3
    const balanced = [16 / 36, 16 / 9, 16 / 3].map((weight) => expect.closeTo(weight, 12));
    expect(await weightsFor('balanced')).toEqual(balanced);
    expect(await weightsFor({ cat: 1 / 12, dog: 1 / 3 })).toEqual(balanced);
    // the mean of what is given is (2 x 12 + 3 + 1) / 16; the model has an output without a class
    const two = [2, 1, 1, 1].map((weight) => expect.closeTo((weight * 16) / 28, 12));
    const model = { variant: 'nano', classes: 4 } as const;
    expect(await weightsFor({ cat: 2 }, { model })).toEqual(two);
  });

  it('are written down, and found again by a training that goes on; with others it is another', async () => {
    const { workspace } = options();
    const folder = workspace as string;
    await train(options({ workspace: folder, classWeights: { owl: 2, cat: 1 }, maxSteps: 2 })).result;
    expect(metricsOf(folder)[0]).toMatchObject({ 'run.flags': { classWeights: { cat: 1, owl: 2 } } });
    const { trainer, heard } = weighingTrainer();
    const resumed = (more: Partial<TrainOptions>) =>
      train({ resume: folder, data, trainer, report: false, ...more }).result;
    await expect(resumed({ classWeights: 'balanced' })).rejects.toThrow(
      /class-weights: was \{"cat":1,"owl":2\}, is balanced/,
    );
    await resumed({ maxSteps: 1, classWeights: { owl: 2, cat: 1 } });
    await resumed({});
    expect(heard).toHaveLength(2);
    expect(heard[1]).toEqual([16, 16, 32].map((weight) => expect.closeTo(weight / 17, 12)));
  });

  it('come from a file, whose numbers are written down, not its path', () => {
    const path = join(folderOf(), 'weights.json');
    writeFileSync(path, '{ "owl": 2, "cat": 0 }');
    const read = optionsOfValues({ classWeights: path }, 'name');
    expect(read).toEqual({ classWeights: { owl: 2, cat: 0 } });
    writeFileSync(path, '\ufeff{ "owl": 2, "cat": 0 }');
    expect(readClassWeights(path)).toEqual(read.classWeights);
    expect(JSON.stringify(settingValues(read, 'flag'))).toContain('"class-weights":{"cat":0,"owl":2}');
    writeFileSync(path, '{ "owl": -1 }');
    expect(() => readClassWeights(path)).toThrow(
      /class-weights.*: the weight of owl must be a number of 0 or more, got -1/,
    );
    writeFileSync(path, 'owl 2');
    expect(() => readClassWeights(path)).toThrow(expect.objectContaining({ code: 'READ_FAILED' }));
  });
});

describe('weights of classes are refused', () => {
  const failing = (more: Partial<TrainOptions>) => train(options(more)).result;

  it('where they cannot be any', () => {
    expect(() => train(options({ classWeights: { cat: Number.NaN } }))).toThrow(/the weight of cat must be/);
    for (const weights of ['rare', [1, 2, 3], 2, new Map([['cat', 2]])])
      expect(() => train(options({ classWeights: weights as 'balanced' }))).toThrow(
        "classWeights (--class-weights) must be 'balanced', or weights by class such as { cat: 2 }",
      );
  });

  it('of classes that there are not, and where all images have none', async () => {
    await expect(failing({ classWeights: { cow: 2 } })).rejects.toMatchObject({
      code: 'UNKNOWN_CLASS',
      message: expect.stringContaining("names the class 'cow', which it does not have"),
    });
    await expect(failing({ classWeights: { cat: 0, dog: 0, owl: 0 } })).rejects.toThrow(/a sum above 0/);
  });

  it('by the loss bce, beside a balanced sampler, and by a trainer without', async () => {
    const classWeights = 'balanced';
    await expect(failing({ classWeights, optimizer: { loss: 'bce' } })).rejects.toThrow(
      'are for the loss cross-entropy, got bce (--loss)',
    );
    for (const sampler of ['balanced', classBalanced()])
      await expect(failing({ classWeights, stream: { sampler } })).rejects.toThrow(
        'balanced and sampler (--sampler) both make classes count alike: leave one out',
      );
    await expect(failing({ classWeights, trainer: countingTrainer() })).rejects.toMatchObject({
      code: 'UNSUPPORTED_OPTION',
      message: 'classWeights (--class-weights): the trainer counting has no weights of classes',
    });
  });
});

it('unbalanced classes are no warning with weights, or with a balanced sampler', async () => {
  const warned = async (more: Partial<TrainOptions>) => {
    const lines: string[] = [];
    const training = train(options({ maxSteps: 1, ...more }));
    training.subscribe((event) => event.type === 'warning' && lines.push(event.message));
    await training.result;
    return lines.filter((line) => line.includes('unbalanced')).length;
  };
  expect(await warned({})).toBe(1);
  expect(await warned({ classWeights: 'balanced' })).toBe(0);
  expect(await warned({ stream: { sampler: 'balanced' } })).toBe(0);
  expect(await warned({ stream: { sampler: 'blocks:2' } })).toBe(1);
});

describe('a training with weights of classes', () => {
  const onRanks = (count: number) =>
    trainOnRanks(count, async () => ({
      ...options({ parts: 2, classWeights: 'balanced', schedule: { epochs: 1, base: 0.05 } }),
      model: { variant: 'nano', width: 0.125, depth: 0.25 },
      recipe: { imageSize: 16, augmentation: 'none', mixup: 0.2 },
      trainer: createTrainer({ device: 'cpu', threads: 1 }),
    }));

  it('has the same weights on 1 rank and on 2', async () => {
    const [[alone], both] = await Promise.all([onRanks(1), onRanks(2)]);
    expect(both).toHaveLength(2);
    for (const { state } of both) expect(stateDigest(state)).toBe(stateDigest((alone as RankResult).state));
  });
});
