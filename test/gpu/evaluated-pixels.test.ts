import { expect } from 'vitest';
import { evaluate } from '../../src/index.ts';
import { evaluatedRows, jpegSources } from '../support/evaluated-pixels.ts';
import { folderOf } from '../support/folders.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { recordingTrainer } from '../support/recording-trainer.ts';

describeOnGpu('what is evaluated on the gpu backend', () => {
  itOnGpu('is decoded as Pillow does from every source', async () => {
    const checkpoint = 'test/golden/checkpoint-of-millrace.safetensors';
    const { accurate } = await evaluatedRows('bicubic');
    for (const [source, data] of Object.entries(await jpegSources(folderOf()))) {
      const { trainer, seen } = recordingTrainer();
      const stream = { batchSize: 4, workers: 1, backend: 'gpu' } as const;
      await evaluate({ checkpoint, data, trainer, stream });
      expect(seen.evaluateStep, source).toEqual(accurate);
    }
  });
});
