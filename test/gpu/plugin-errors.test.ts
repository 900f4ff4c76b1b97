import { expect } from 'vitest';
import { images, pipeline, randomResizedCrop } from '../../src/index.ts';
import { tripsInDraw, tripsInLower } from '../support/buggy.ts';
import { itOnGpu } from '../support/gpu.ts';
import { patternItems } from '../support/raw-images.ts';

itOnGpu.each([0, 2])(
  "stops at a fault in an operator's code where the cpu backend does, with %i workers",
  async (workers) => {
    for (const step of [tripsInDraw(), tripsInLower()]) {
      const endOn = async (backend: 'cpu' | 'gpu') => {
        const delivered: number[] = [];
        const options = {
          backend,
          workers,
          batchSize: 8,
          seed: 1,
          onError: 'substitute',
          maxBad: 40,
        } as const;
        const stream = pipeline(images(patternItems(40)), options).pipe(step, randomResizedCrop(8));
        const run = async () => {
          for await (const batch of stream) {
            delivered.push(batch.index);
            expect(batch.substitutions).toEqual([]);
            batch.release();
          }
        };
        const { name, code, message } = await run().catch((error) => error);
        return { delivered, name, code, message };
      };
      const expected = await endOn('cpu');
      expect(expected).toMatchObject({ name: 'PluginError', code: 'OPERATOR_FAILED' });
      expect(expected.message).toContain(
        "TypeError: Cannot read properties of undefined (reading 'x') (sample pattern-",
      );
      expect(await endOn('gpu')).toEqual(expected);
    }
  },
);
