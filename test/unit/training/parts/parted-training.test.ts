import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../../../src/core/trainer.ts';
import { images } from '../../../../src/datasets/memory/images.ts';
import type { TrainOptions } from '../../../../src/training/train-options.ts';
import { train } from '../../../../src/training/training.ts';
import { folderOf } from '../../../support/folders.ts';
import { linearTrainer } from '../../../support/linear-trainer.ts';
import { patternItems } from '../../../support/raw-images.ts';
import { trainOnRanks } from '../../../support/trained-on-ranks.ts';
import { countingTrainer } from '../../../support/trainers.ts';

// two steps of 8 rows per epoch, and 3 rows left out
const data = images(patternItems(19, 3));

/** Steps of four parts of two rows, and updates of two steps. */
const tiny = (more: Partial<TrainOptions> = {}): TrainOptions & { trainer: Trainer } => ({
  ...{ data, workspace: folderOf(), report: false, evaluation: false },
  ...{ recipe: { imageSize: 8, mixup: 0.2 }, stream: { batchSize: 2, workers: 0, seed: 5 } },
  ...{ schedule: { epochs: 3, base: 0.05 }, rowsPerUpdate: 16, parts: 4 },
  ...(more as object),
  trainer: (more.trainer as Trainer | undefined) ?? linearTrainer(),
});

const stateAfter = async (size: number, more: () => Partial<TrainOptions> = () => ({})) => {
  const all = await trainOnRanks(size, async () => tiny(more()));
  for (const { state } of all) expect(state).toEqual(all[0]?.state);
  return all[0]?.state;
};

describe('a training of several parts', () => {
  it('ends with the same weights on 1, 2 and 4 ranks', async () => {
    const expected = await stateAfter(1);
    for (const size of [2, 4]) expect(await stateAfter(size)).toEqual(expected);
    expect(await stateAfter(1, () => ({ parts: 2 }))).not.toEqual(expected);
  });

  it('has as many parts as ranks where nobody says', async () => {
    const asked = { parts: undefined, rowsPerUpdate: undefined };
    const whole = await stateAfter(1, () => ({ ...asked, parts: 2 }));
    expect(await stateAfter(2, () => asked)).toEqual(whole);
  });

  it('tells of steps, epochs and updates by the rows of all parts', async () => {
    const [heard] = await trainOnRanks(2, async () => tiny());
    const start = heard?.events.find(({ type }) => type === 'start');
    expect(start).toMatchObject({ batchSize: 8, parts: 4, ranks: 2, batchesPerEpoch: 2, steps: 6 });
    await expect(train(tiny({ rowsPerUpdate: 4 })).result).rejects.toThrow(
      'optimizer batch size must be a batch, 8, or more',
    );
  });

  it.each([1, 2, 3, 5])(
    'goes on after step %s to the same weights, on another number of ranks',
    async (step) => {
      const expected = await stateAfter(1);
      const workspace = folderOf();
      const options = (rank: number, more: Partial<TrainOptions>) =>
        tiny({ ...more, workspace: rank === 0 ? workspace : folderOf() });
      await trainOnRanks(2, async (rank) => options(rank, { maxSteps: step }));
      const resume = join(workspace, 'checkpoint.safetensors');
      // without parts: it has those of the run
      for (const size of [4, 1]) {
        const again = () => tiny({ resume, parts: undefined, workspace: folderOf() });
        const [made] = await trainOnRanks(size, async () => again());
        expect(made?.state).toEqual(expected);
      }
    },
  );
});

describe('a training that is continued', () => {
  const begun = async (parts: number | undefined) => {
    const workspace = folderOf();
    await train(tiny({ workspace, parts, maxSteps: 1 })).result;
    return join(workspace, 'checkpoint.safetensors');
  };
  const outcomes = (size: number, more: Partial<TrainOptions>) =>
    trainOnRanks(size, async () => tiny({ ...more, workspace: folderOf() })).catch((error: Error) => error);

  it('stays one of as many parts, and says on how many ranks it can be', async () => {
    const resume = await begun(2);
    expect(await outcomes(4, { resume, parts: undefined })).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(
        'this training has 2 parts per step (--parts): start it on 1 or 2 ranks',
      ),
    });
    expect(await outcomes(2, { resume, parts: 4 })).toMatchObject({
      code: 'OTHER_TRAINING',
      message: expect.stringContaining('\n  parts: was 2, is 4\n'),
    });
  });

  it('stays one without parts, which is not written down', async () => {
    const resume = await begun(undefined);
    expect(await outcomes(2, { resume, parts: undefined })).toMatchObject({
      message: expect.stringContaining('this training has 1 part per step (--parts): start it on 1 rank'),
    });
  });
});

describe('a training that cannot have parts', () => {
  it.each([
    [{ parts: 3 }, 'INVALID_OPTION', 'train: parts must be a power of two, got 3'],
    [
      { stream: { batchSize: 3, workers: 0 } },
      'INVALID_OPTION',
      'mixup: batchSize (--batch-size) must be even with 4 parts per step (--parts)',
    ],
    [
      { parts: 16, rowsPerUpdate: undefined },
      'NO_BATCHES',
      'a step of 16 parts of 2 rows (--parts, --batch-size) is larger than the dataset of 19: none would ever be made',
    ],
    [{ trainer: countingTrainer() }, 'NO_CONTRIBUTION', 'which 4 parts per step (--parts) need'],
  ] as [Partial<TrainOptions>, string, string][])(
    'is refused before anything is written: %j',
    async (more, code, message) => {
      const workspace = join(folderOf(), 'run');
      const result = async () => train(tiny({ ...more, workspace })).result;
      await expect(result()).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
      expect(existsSync(workspace)).toBe(false);
    },
  );
});

describe('--trainer none', () => {
  it('drops the batches of all parts, so that the data side can be measured on ranks', async () => {
    const asked = () => ({ trainer: 'none', parts: 2, maxSteps: 2 }) as const;
    const { summary } = await train({ ...tiny(), ...asked() } as TrainOptions).result;
    expect(summary).toMatchObject({ steps: 2, images: 8 });
  });
});
