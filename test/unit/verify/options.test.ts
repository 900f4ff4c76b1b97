import { describe, expect, it } from 'vitest';
import { images, randomResizedCrop, verifyStream } from '../../../src/index.ts';
import { patternItems } from '../../support/raw-images.ts';

describe('verifyStream', () => {
  const dataset = images(patternItems(4));

  it.each([
    [{ batchs: 1 }, "unknown option 'batchs' (known: "],
    // what it varies by itself
    [{ prefetch: 3 }, "unknown option 'prefetch'"],
    [{ sameAs: images(patternItems(4)) }, 'sameAs must be a list of datasets, got [object Object]'],
    [{ batches: 0 }, 'batches must be an integer >= 1, got 0'],
    [{ workers: 0 }, 'workers must be an integer 1..1024, got 0'],
    [
      { backends: ['cpu'] },
      "backends must be a list of 'reference' and 'gpu', to be compared with cpu, got cpu",
    ],
    [
      { backends: 'gpu' },
      "backends must be a list of 'reference' and 'gpu', to be compared with cpu, got gpu",
    ],
    [
      { backends: ['reference'], gpuAdapter: '0' },
      "gpuAdapter chooses the GPU to compare with, got '0', but backends does not name gpu",
    ],
  ])('refuses %o, before it reads anything', async (options, message) => {
    await expect(verifyStream(dataset, [randomResizedCrop(8)], options as object)).rejects.toThrow(message);
  });

  it('refuses a step that stands in no list', async () => {
    await expect(verifyStream(dataset, randomResizedCrop(8) as never)).rejects.toThrow(
      'expected a list of steps',
    );
  });
});
