import { describe, expect, it } from 'vitest';
import { images } from '../../../src/datasets/memory/images.ts';
import { type TrainerState, type TrainOptions, train } from '../../../src/index.ts';
import { stateDigest } from '../../../src/training/state-digest.ts';
import { folderOf } from '../../support/folders.ts';
import { patternItems } from '../../support/raw-images.ts';

const tensor = (shape: readonly number[], ...values: number[]) => ({
  shape,
  data: Float32Array.from(values),
});
const state: TrainerState = {
  weights: { a: tensor([2], 1, 2), b: tensor([1, 2], 3, 4) },
  optimizer: { 'a.momentum_buffer': tensor([2], 5, 6) },
};

describe('the digest of a state', () => {
  it('depends neither on the order of names nor on parts that are empty', () => {
    const { a, b } = state.weights as Required<typeof state.weights>;
    const same = { gradients: {}, optimizer: state.optimizer, weights: { b, a }, average: undefined };
    expect(stateDigest(same as unknown as TrainerState)).toBe(stateDigest(state));
    expect(stateDigest(state)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another for another part, name, shape or bit', () => {
    const { weights, optimizer } = state;
    const a = weights['a'] as ReturnType<typeof tensor>;
    const others: TrainerState[] = [
      { weights, optimizer: {}, average: optimizer },
      { weights, optimizer, lossScale: { scale: tensor([1], 1) } },
      { weights: { c: a, b: weights['b'] as typeof a }, optimizer },
      { weights: { ...weights, b: tensor([2, 1], 3, 4) }, optimizer },
      { weights: { ...weights, b: tensor([1, 2], 3, 4.0000005) }, optimizer },
      { weights: { ...weights, b: tensor([1, 2], 3, 4), c: tensor([0]) }, optimizer },
    ];
    const digests = new Set([state, ...others].map(stateDigest));
    expect(digests.size).toBe(others.length + 1);
  });

  it('is of the values of a view, not of what lies beside them', () => {
    const all = Float32Array.of(9, 1, 2, 9);
    const view = { ...state.weights, a: { shape: [2], data: all.subarray(1, 3) } };
    expect(stateDigest({ ...state, weights: view })).toBe(stateDigest(state));
  });
});

describe('the digest of the weights', () => {
  const data = images(patternItems(12, 2));
  const options = {
    ...{ data, evaluation: false, report: false, device: 'cpu', threads: 1, optimizer: { emaDecay: 0.9 } },
    recipe: { imageSize: 16 },
    stream: { batchSize: 4, workers: 0, digest: true },
    schedule: { epochs: 2, base: 0.01 },
  } as const satisfies TrainOptions;

  it('is the same after a training that was interrupted and resumed', async () => {
    const { digests: whole } = await train({ ...options, workspace: folderOf() }).result;
    const { workspace, digests: half } = await train({ ...options, runEpochs: 1, workspace: folderOf() })
      .result;
    const { digests: resumed } = await train({ ...options, resume: workspace }).result;
    expect(whole?.weights).toMatch(/^[0-9a-f]{64}$/);
    expect(resumed).toEqual(whole);
    expect(half?.weights).not.toBe(whole?.weights);
  });

  it('is left out of a trainer without any', async () => {
    const none = { ...options, device: 'auto', trainer: 'none', optimizer: {} } as const;
    const { digests } = await train({ ...none, workspace: folderOf() }).result;
    expect(digests).toMatchObject({ weights: undefined, pipeline: expect.any(String) });
  });
});
