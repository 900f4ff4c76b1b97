import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { images, mixup } from '../../src/index.ts';

import { folderOf } from '../support/folders.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { photoFolder } from '../support/photos.ts';
import { anyMix, anyPipeline } from '../support/pipelines.ts';
import { millrace } from '../support/processes.ts';
import { patternItems } from '../support/raw-images.ts';
import { replaysOf } from '../support/replays.ts';

describeOnGpu('a replay of the gpu backend', () => {
  const dataset = images(patternItems(13));

  itOnGpu('ends in the bytes that the GPU made, row by row', async () => {
    await fc.assert(
      fc.asyncProperty(anyPipeline, fc.nat(), async ({ steps, batchSize, alpha }, seed) => {
        const all = [...steps, mixup(alpha)];
        const digests = async (backend: 'cpu' | 'gpu') => {
          const options = { batchSize, seed, workers: 0, backend };
          const replays = await replaysOf({ dataset, steps: all, options, epoch: 1, batch: 0 });
          return replays.map((replay) => replay.digests);
        };
        expect(await digests('gpu')).toEqual(await digests('cpu'));
      }),
      { numRuns: 6 },
    );
  });

  itOnGpu('ends there however rows are mixed and erased', async () => {
    await fc.assert(
      fc.asyncProperty(anyPipeline, anyMix, fc.nat(), async ({ steps }, mix, seed) => {
        const options = { batchSize: 6, seed, workers: 0, backend: 'gpu' as const };
        const request = { dataset, steps: [...steps, ...mix], options, epoch: 1, batch: 0 };
        expect(await replaysOf(request)).toHaveLength(6);
      }),
      { numRuns: 4 },
    );
  });

  itOnGpu('is had by --data-backend gpu', async () => {
    const data = await photoFolder(4);
    const out = join(folderOf(), 'sample.html');
    const flags = [
      '--image-size',
      '16',
      '--batch-size',
      '4',
      '--augmentation',
      'autoaugment',
      '--mixup',
      '0.2',
    ];
    const replay = (...more: string[]) =>
      millrace(['replay', data, ...flags, '--row', '1', '--out', out, '--json', ...more]);
    const [gpu, cpu] = [await replay('--data-backend', 'gpu'), await replay()];
    expect(gpu).toMatchObject({ code: 0, isAlone: true, stderr: expect.stringContaining('GPU adapter: ') });
    expect(JSON.parse(gpu.stdout).digests).toEqual(JSON.parse(cpu.stdout).digests);
  });
});
