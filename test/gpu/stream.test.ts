import { join } from 'node:path';
import fc from 'fast-check';
import { lastValueFrom, map, toArray } from 'rxjs';
import { expect } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import {
  type Batch,
  copied,
  gaussianBlur,
  imageFolder,
  images,
  mixup,
  normalize,
  type Pipeline,
  type PipelineOptions,
  pipeline,
  randomApply,
  randomResizedCrop,
  store,
} from '../../src/index.ts';
import { augmented, dataset } from '../support/augmented.ts';
import { type Fault, faulty } from '../support/faults.ts';
import { folderOf } from '../support/folders.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { mixedImages } from '../support/mixed-images.ts';
import { anyPipeline } from '../support/pipelines.ts';
import { patternItems } from '../support/raw-images.ts';
import { importTo } from '../support/stores.ts';
import { collect, contents } from '../support/streams.ts';

const digests = (batches: readonly Batch[]) => batches.map((batch) => batch.digest);

describeOnGpu('the stream of the gpu backend', () => {
  const expected = collect(augmented({ workers: 0, backend: 'reference', digest: true }));

  itOnGpu('loses no sample with a thread', async () => {
    const streamOf = (options: PipelineOptions, faults: Readonly<Record<number, Fault>>) =>
      collect(
        pipeline(faulty(patternItems(37), faults), { batchSize: 8, seed: 3, digest: true, ...options }).pipe(
          randomResizedCrop(16),
          mixup(0.2),
        ),
      );
    const lost = { 4: { effect: 'exits', times: 1 }, 30: { effect: 'throws', times: 1 } } as const;
    const seen = await streamOf({ backend: 'gpu', workers: 2 }, lost);
    expect(digests(seen)).toEqual(digests(await streamOf({ workers: 0 }, {})));
  });

  itOnGpu('is the stream of the reference, digests and all, however it is made', async () => {
    const variation = fc.record({
      workers: fc.constantFrom(0, 1, 2),
      prefetch: fc.integer({ min: 1, max: 4 }),
      chunkRows: fc.integer({ min: 1, max: 20 }),
    });
    const sameStream = async (options: PipelineOptions) => {
      const batches = await collect(augmented({ digest: true, ...options, backend: 'gpu' }));
      expect(digests(batches)).toEqual(digests(await expected));
      expect(contents(batches)).toEqual(contents(await expected));
    };
    await fc.assert(fc.asyncProperty(variation, sameStream), { numRuns: 6 });
  });

  itOnGpu('is the stream of the cpu for any steps, sizes, types and layouts', async () => {
    await fc.assert(
      fc.asyncProperty(anyPipeline, fc.nat(), async ({ steps, batchSize, alpha }, seed) => {
        const run = async (backend: 'cpu' | 'gpu') => {
          const stream: Pipeline = pipeline(dataset, {
            backend,
            batchSize,
            seed,
            workers: 0,
            digest: true,
          }).pipe(...steps, mixup(alpha));
          return digests(await collect(stream));
        };
        expect(await run('gpu')).toEqual(await run('cpu'));
      }),
      { numRuns: 15 },
    );
  });

  itOnGpu(
    'is the stream of the cpu from a store, of which only the intervals of a crop are decoded',
    async () => {
      const folder = folderOf(await mixedImages());
      const path = join(folder, 'all.lmdb');
      await importTo(imageFolder(folder), path);
      const source = await store(path);
      const run = (backend: 'cpu' | 'gpu', scale: readonly [number, number]) =>
        collect(
          pipeline(source, { backend, batchSize: 8, seed: 2, workers: 0, digest: true, epochs: 2 }).pipe(
            randomResizedCrop(16, { scale }),
          ),
        );
      // with rows of the part alone, and with those of the whole decoded part
      for (const scale of [
        [0.05, 0.2],
        [0.6, 1],
      ] as const)
        expect(digests(await run('gpu', scale))).toEqual(digests(await run('cpu', scale)));
    },
  );

  itOnGpu('replaces bad samples as the cpu backend does', async () => {
    const some = [
      ...patternItems(20),
      ...[3, 4].map((i) => ({ image: Buffer.from([i]), label: 0, key: `bad-${i}` })),
    ];
    const run = (backend: 'cpu' | 'gpu') =>
      collect(
        pipeline(images(some), { backend, batchSize: 8, workers: 1, onError: 'substitute', maxBad: 5 }).pipe(
          randomResizedCrop(9),
          mixup(0.4),
        ),
      );
    const [onCpu, onGpu] = [await run('cpu'), await run('gpu')];
    expect(contents(onGpu)).toEqual(contents(onCpu));
    expect(onGpu.flatMap((batch) => batch.substitutions)).toEqual(
      onCpu.flatMap((batch) => batch.substitutions),
    );
  });

  itOnGpu('takes as many dispatches for any batch size and draw as explain() says', async () => {
    for (const [batchSize, seed] of [
      [1, 0],
      [8, 0],
      [37, 0],
      [8, 5],
    ] as const) {
      const stream = augmented({ backend: 'gpu', batchSize, seed, epochs: 1, digest: false });
      for await (const _ of stream);
      const { batches = 0, dispatches = 0, submits } = stream.statistics?.gpu ?? {};
      expect(stream.explain()).toContain(
        'gpu        9 dispatches per batch: resampleFirst, resampleSecond, ',
      );
      expect({ dispatches: dispatches / batches, submits }).toEqual({ dispatches: 9, submits: batches });
    }
  });
});

describeOnGpu('a stream in which some images are blurred', () => {
  itOnGpu('takes as many dispatches for any batch as explain() says, six of them for the blur', async () => {
    for (const [batchSize, seed] of [
      [1, 0],
      [8, 1],
    ] as const) {
      const options = { backend: 'gpu', batchSize, seed, epochs: 1, workers: 1, digest: false } as const;
      const stream = pipeline(dataset, options).pipe(randomResizedCrop(8), randomApply([gaussianBlur()]));
      for await (const _ of stream);
      const { batches = 0, dispatches } = stream.statistics?.gpu ?? {};
      expect(stream.explain()).toContain(
        'gpu        9 dispatches per batch: resampleFirst, resampleSecond, apply, ',
      );
      expect(dispatches).toBe(9 * batches);
    }
  });
});

describeOnGpu('a batch of the gpu backend', () => {
  const small = (options: PipelineOptions = {}) =>
    pipeline(dataset, { backend: 'gpu', batchSize: 8, seed: 1, workers: 0, ...options }).pipe(
      randomResizedCrop(7),
      normalize({ dtype: 'float16' }),
    );

  itOnGpu('is on the device until it is read', async () => {
    for await (const batch of small()) {
      expect(() => batch.images).toThrow('await batch.read()');
      const rows = batch.labels.length;
      // rounded up to whole words
      expect(batch.buffer?.size).toBe(Math.ceil((rows * 7 * 7 * 3 * 2) / 4) * 4);
      const read = await batch.read();
      expect(read).toBe(batch.images);
      expect(read).toBe(await batch.read());
      expect(read).toHaveLength(rows * 7 * 7 * 3);
    }
  });

  itOnGpu('can be kept as a copy, after its slot and its stream are gone', async () => {
    const kept: Batch[] = await lastValueFrom(small().pipe(copied(), toArray()));
    const expected = await collect(small({ backend: 'cpu' }));
    const gpu = await Gpu.open();
    for (const [i, batch] of kept.entries()) {
      // where a trainer on the same device finds it
      expect(gpu.owns(batch.buffer as GPUBuffer)).toBe(true);
      expect(await batch.read()).toEqual(expected[i]?.images);
      batch.release();
    }
    gpu.close();
  });

  itOnGpu('may be released after the stream has ended', async () => {
    const held: Batch[] = await lastValueFrom(
      small({ prefetch: 5 }).pipe(
        map((batch) => batch),
        toArray(),
      ),
    );
    const expected = await collect(small({ backend: 'cpu' }));
    for (const [i, batch] of held.entries()) {
      expect(await batch.read()).toEqual(expected[i]?.images);
      batch.release();
    }
  });
});
