import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { images } from '../../../src/datasets/memory/images.ts';
import { alone } from '../../../src/ranks/ranks.ts';
import { completeOptions } from '../../../src/training/complete-options.ts';
import { machineShare, readingStream, sharedStream } from '../../../src/training/machine-share.ts';
import { Agreement } from '../../../src/training/ranks/agreement.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { localRanks } from '../../support/local-ranks.ts';
import { patternItems } from '../../support/raw-images.ts';

const options = (stream: TrainOptions['stream'] = {}) =>
  completeOptions({ data: images(patternItems(4)), device: 'cpu', stream: { batchSize: 4, ...stream } });
const noWarning = (message: string) => expect.unreachable(message);

describe('the share of a machine', () => {
  it('is its part of the cores, and no GPU where nothing computes on one', async () => {
    const shares = localRanks(2).map((ranks) => machineShare(new Agreement(ranks), options(), noWarning));
    const cores = Math.max(1, Math.floor(availableParallelism() / 2));
    expect(await Promise.all(shares)).toEqual([{ cores }, { cores }]);
  });

  it('is undefined of a rank that is alone', async () => {
    expect(await machineShare(new Agreement(alone), options(), noWarning)).toBeUndefined();
  });

  it('says how many data workers there are, and on which GPU, unless others are asked for', () => {
    const share = { cores: 3, gpuAdapter: '1' };
    expect(sharedStream({ ...options(), share })).toMatchObject({
      batchSize: 4,
      workers: 3,
      gpuAdapter: '1',
    });
    const asked = { workers: 0, gpuAdapter: 'Arc' };
    expect(sharedStream({ ...options(asked), share })).toMatchObject(asked);
    expect(sharedStream(options())).toEqual(options().stream);
  });

  it("keeps the trainer's GPU from a stream that uses none", () => {
    const share = { cores: 3, gpuAdapter: '1' };
    const onGpu = { ...options(), device: 'auto' as const, share };
    expect(readingStream(onGpu)).not.toHaveProperty('gpuAdapter');
    const stream = { ...onGpu.stream, backend: 'gpu' as const };
    expect(readingStream({ ...onGpu, stream })).toMatchObject({ gpuAdapter: '1', workers: 3 });
  });
});
