import { describe, expect, it } from 'vitest';
import { differencesBetween, type RunIdentity } from '../../../src/training/run-identity.ts';

const identity: RunIdentity = {
  settings: { augmentation: 'none', lr: 0.1, 'use-ema': undefined },
  dataset: { name: 'imageFolder(a)', length: 8, digest: '0123456789abcdef' },
  pipelineDigest: 'aa',
};
/** As it is read back from a checkpoint. */
const saved = JSON.parse(JSON.stringify(identity)) as RunIdentity;

describe('differences between two trainings', () => {
  it('are none after a round trip through a file', () => {
    expect(differencesBetween(saved, identity)).toEqual([]);
  });

  it('name each setting with both values, those too that one of them lacks', () => {
    const settings = { augmentation: 'autoaugment', lr: 0.1, 'use-ema': 0.99, nesterov: true };
    // another augmentation makes another pipeline: that goes without saying
    expect(differencesBetween(saved, { ...identity, settings, pipelineDigest: 'bb' })).toEqual([
      'augmentation: was none, is autoaugment',
      'use-ema: was not set, is 0.99',
      'nesterov: was not set, is true',
    ]);
  });

  it('are none between a flag that is switched off and one that is not given', () => {
    const settings = { ...identity.settings, nesterov: false };
    expect(differencesBetween(saved, { ...identity, settings })).toEqual([]);
    expect(differencesBetween({ ...saved, settings }, identity)).toEqual([]);
  });

  it('name the pipeline where the settings do not tell', () => {
    expect(differencesBetween(saved, { ...identity, pipelineDigest: 'bb' })).toEqual([
      'pipeline digest: was aa, is bb',
    ]);
  });

  it('name the dataset by its content, not by where it lies', () => {
    const { digest } = identity.dataset;
    const moved = { name: 'store(a.lmdb)', length: 8, digest };
    expect(differencesBetween(saved, { ...identity, dataset: moved })).toEqual([]);
    const grown = { name: 'imageFolder(a)', length: 9, digest: 'fedcba9876543210' };
    expect(differencesBetween(saved, { ...identity, dataset: grown })).toEqual([
      'dataset: was imageFolder(a) of 8 images (digest 0123456789ab), is imageFolder(a) of 9 images (digest fedcba987654)',
    ]);
  });
});
