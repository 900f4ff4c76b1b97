import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { pipeline, randomResizedCrop } from '../../../src/index.ts';
import { createTrainer } from '../../../src/trainers/none.ts';
import { checkRanksAlike, checkStatesAlike } from '../../../src/training/alike-ranks.ts';
import { completeOptions } from '../../../src/training/complete-options.ts';
import { Agreement } from '../../../src/training/ranks/agreement.ts';
import type { RunIdentity } from '../../../src/training/run-identity.ts';
import { beginning, type RunState } from '../../../src/training/run-state.ts';
import type { Options } from '../../../src/training/setting.ts';
import { localRanks } from '../../support/local-ranks.ts';
import { patternItems } from '../../support/raw-images.ts';

const data = images(patternItems(8));
const stream = pipeline(data, { batchSize: 4 }).pipe(randomResizedCrop(8));
const identity: RunIdentity = {
  settings: { arch: 'efficientnet-nano', lr: 0.1 },
  dataset: { name: 'photos', length: 8, digest: 'd0' },
  pipelineDigest: 'p0',
};

interface Rank {
  readonly identity?: RunIdentity;
  readonly environment?: Record<string, string>;
  readonly start?: RunState;
  readonly options?: Options;
}

/** How the check ends on each rank, and what is warned of. */
async function check(...given: readonly Rank[]) {
  const warned: string[][] = given.map(() => []);
  const outcomes = await Promise.allSettled(
    localRanks(given.length).map((ranks, i) => {
      const { environment, start = beginning } = given[i] as Rank;
      const trainer = { ...createTrainer(), ...(environment && { environment }) };
      const validation = { reasonNot: 'there is nothing' };
      const setup = {
        options: completeOptions({ data, ...given[i]?.options }),
        trainer,
        stream,
        start,
        validation,
      };
      return checkRanksAlike(new Agreement(ranks), setup, given[i]?.identity ?? identity, (line) =>
        warned[i]?.push(line),
      );
    }),
  );
  return { errors: outcomes.map((one) => (one.status === 'rejected' ? one.reason : undefined)), warned };
}

const cpu = { adapter: 'cpu', tier: 'wasm simd' };

describe('ranks before their first step', () => {
  it('go on where all have the same', async () => {
    const { errors, warned } = await check({ environment: cpu }, { environment: cpu });
    expect({ errors, warned }).toEqual({ errors: [undefined, undefined], warned: [[], []] });
  });

  it.each([
    [
      'data',
      { identity: { ...identity, dataset: { ...identity.dataset, digest: 'd1' } } },
      'dataset: rank 1',
    ],
    [
      'a setting',
      { identity: { ...identity, settings: { ...identity.settings, lr: 0.2 } } },
      '--lr: rank 1 has 0.2; ranks 0, 2, 3 have 0.1',
    ],
    ['a pipeline', { identity: { ...identity, pipelineDigest: 'p1' } }, 'pipeline: rank 1 has p1'],
    [
      'a start',
      { start: { cursor: { ...beginning.cursor, step: 5 } } },
      'first step: rank 1 has 5 (batch 0 of epoch 0); ranks 0, 2, 3 have 0',
    ],
    [
      'a setting of when ranks meet',
      { options: { maxSteps: 5 } },
      '--prof: rank 1 has 5; ranks 0, 2, 3 have -1',
    ],
    ['a device', { environment: cpu }, 'device: rank 1 has a CPU; ranks 0, 2, 3 have none'],
  ])('are refused, all of them, where one has another: %s', async (_, other: Rank, words) => {
    const { errors } = await check({}, other, {}, {});
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'ParameterError', code: 'RANKS_DIFFER' });
      expect(error.message).toContain(words);
    }
  });

  it('are warned of other adapters and drivers', async () => {
    const { errors, warned } = await check(
      { environment: { adapter: 'GPU X', driver: '1.0' } },
      { environment: { adapter: 'GPU X', driver: '2.0' } },
    );
    expect(errors).toEqual([undefined, undefined]);
    for (const lines of warned) expect(lines.join()).toContain('driver: rank 0 has 1.0; rank 1 has 2.0');
  });
});

describe('states of ranks', () => {
  const trainerWith = (value: number, environment?: Record<string, string>): Trainer => ({
    ...createTrainer(),
    ...(environment && { environment }),
    state: async () => ({ weights: { w: { shape: [1], data: Float32Array.of(value) } }, optimizer: {} }),
  });
  const checkOf = (trainers: readonly Trainer[]) =>
    Promise.allSettled(
      localRanks(trainers.length).map((ranks, i) =>
        checkStatesAlike(new Agreement(ranks), trainers[i] as Trainer, 'after epoch 3'),
      ),
    );

  it('pass where they are equal, and are not asked for of one rank', async () => {
    expect(await checkOf([trainerWith(1), trainerWith(1)])).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
    ]);
    const state = () => Promise.reject(new Error('asked for'));
    expect(await checkOf([{ ...trainerWith(1), state }])).toMatchObject([{ status: 'fulfilled' }]);
  });

  it('that differ by one bit end the training on all ranks, which name each other', async () => {
    const outcomes = await checkOf([1, 1, 1 + 2 ** -23, 1].map((value) => trainerWith(value)));
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        reason: {
          ...{ name: 'TrainerError', code: 'RANKS_DIVERGED' },
          message: expect.stringMatching(/^after epoch 3 .* rank 2 has \w{12}; ranks 0, 1, 3 have \w{12}: /),
        },
      });
  });

  it('that differ say on which machines they were computed', async () => {
    const outcomes = await checkOf([
      trainerWith(1, { adapter: 'GPU X' }),
      trainerWith(2, { adapter: 'GPU Y' }),
    ]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        reason: { message: expect.stringContaining('rank 0 has GPU X; rank 1 has GPU Y') },
      });
  });
});
