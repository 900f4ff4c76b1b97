import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box, RawImage } from '../../src/core/image.ts';
import {
  cutmix,
  erase,
  type ImageItem,
  images,
  mixup,
  type PipelineOptions,
  pipeline,
  randomResizedCrop,
} from '../../src/index.ts';
import { replayBatch } from '../../src/replay/replay-batch.ts';
import type { ReplayedSample } from '../../src/replay/replayed-sample.ts';
import { anyMix, anyPipeline } from '../support/pipelines.ts';
import { patternItems } from '../support/raw-images.ts';
import { replaysOf } from '../support/replays.ts';
import { collect } from '../support/streams.ts';
import { unsteadyDraw, unsteadyLower } from '../support/unsteady.ts';

const dataset = images(patternItems(23));
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);

const isIn = ({ left, top, width, height }: Box, x: number, y: number) =>
  x >= left && x < left + width && y >= top && y < top + height;

/** Each pixel's place, and how it is had from an image of that size. */
const pixelsOf = ({ width, height }: RawImage) =>
  Array.from({ length: width * height }, (_, i) => ({
    ...{ x: i % width, y: Math.floor(i / width) },
    at: ({ data }: RawImage) => [...data.subarray(3 * i, 3 * i + 3)],
  }));

describe('a replay', () => {
  it('ends in the bytes and the digest of every row of any batch, for any pipeline, with MixUp or without', async () => {
    const place = fc.record({ epoch: fc.nat(2), at: fc.nat(1000), seed: fc.nat(), isMixed: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        anyPipeline,
        place,
        async ({ steps, batchSize, alpha }, { epoch, at, seed, isMixed }) => {
          const all = isMixed ? [...steps, mixup(alpha)] : steps;
          const batch = at % Math.ceil(dataset.length / batchSize);
          const options: PipelineOptions = { batchSize, seed, workers: 0 };
          const stream = all.reduce(
            (piped, step) => piped.pipe(step),
            pipeline(dataset, { ...options, epochs: epoch + 1, start: { epoch, batch: 0 }, digest: true }),
          );
          const expected = (await collect(stream))[batch];
          const replays = await replaysOf({ dataset, steps: all, options, epoch, batch });
          expect(replays.map(({ sample }) => sample.id)).toEqual([...(expected?.ids ?? [])]);
          expect(replays.map(({ digests }) => digests.row)).toEqual(
            expected?.rowDigests?.map((digest) => Buffer.from(digest).toString('hex')),
          );
          const tensors = Buffer.concat(replays.map(({ tensor }) => tensor));
          expect(tensors.equals(bytesOf(expected?.images as Uint16Array))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('ends there too, however rows are mixed and erased, and whichever of its sample each is', async () => {
    const copies = fc.constantFrom({}, { repeats: 2 }, { repeats: 4 }, { views: 2 }, { views: 4 });
    await fc.assert(
      fc.asyncProperty(anyPipeline, anyMix, copies, fc.nat(), async ({ steps }, mix, more, seed) => {
        const options = { batchSize: 8, seed, workers: 0, ...more };
        const request = { dataset, steps: [...steps, ...mix], options, epoch: 1, batch: 2 };
        const stream = pipeline(dataset, {
          ...{ ...options, digest: true },
          ...{ epochs: 2, start: { epoch: 1, batch: 2 } },
        }).pipe(...request.steps);
        const [expected] = await collect(stream);
        const replays = await replaysOf(request);
        expect(replays.map(({ sample }) => [sample.id, sample.occurrence])).toEqual(
          Array.from(expected?.ids ?? [], (id, row) => [id, expected?.occurrences?.[row] ?? 0]),
        );
        expect(replays.map(({ digests }) => digests.row)).toEqual(
          expected?.rowDigests?.map((digest) => Buffer.from(digest).toString('hex')),
        );
        const mixed = expected?.mixing;
        expect(replays.map(({ mixing }) => mixing?.lambda)).toEqual([...(mixed?.weights ?? [])]);
        expect(replays.map(({ mixing, sample }) => (mixing?.partner ?? sample).label)).toEqual([
          ...(mixed?.partnerLabels ?? []),
        ]);
      }),
      { numRuns: 25 },
    );
  });

  it('shows what a row was mixed of, and the row before it was erased last', async () => {
    const steps = [
      ...[randomResizedCrop(16), erase({ probability: 1 }), cutmix()],
      erase({ probability: 1, value: 'noise' }),
    ];
    const options = { batchSize: 8, workers: 0, seed: 2 };
    const replays = await replaysOf({ dataset, steps, options, epoch: 0, batch: 0 });
    for (const { sample, mixing, mixedAsImage, tensorAsImage } of replays) {
      const { box, partner } = mixing as { box: Box; partner: ReplayedSample };
      const erased = sample.eraseAfter?.[0] as Box;
      for (const { x, y, at } of pixelsOf(mixedAsImage)) {
        const layer = isIn(box, x, y) ? partner.mixable : sample.mixable;
        expect(at(mixedAsImage)).toEqual(at(layer));
        if (!isIn(erased, x, y)) expect(at(tensorAsImage)).toEqual(at(mixedAsImage));
      }
      expect(tensorAsImage.data).not.toEqual(mixedAsImage.data);
    }
  });

  it('ends between two rows where it is interrupted', async () => {
    const controller = new AbortController();
    const options = { batchSize: 8, workers: 0, signal: controller.signal };
    const replays = replayBatch({ dataset, steps: [randomResizedCrop(8)], options, epoch: 0, batch: 0 });
    expect(await replays.next()).toMatchObject({ done: false });
    // as a signal of the system comes: when the event loop gets its turn
    setImmediate(() => controller.abort(new Error('interrupted')));
    await expect(replays.next()).rejects.toThrow('interrupted');
  });

  it('is the same for every number of workers', async () => {
    const digests = async (workers: number) => {
      const options = { batchSize: 8, seed: 3, workers };
      const steps = [randomResizedCrop(8), mixup(0.4)];
      const replays = await replaysOf({ dataset, steps, options, epoch: 1, batch: 2 });
      return replays.map((replay) => replay.digests);
    };
    expect(await digests(2)).toEqual(await digests(0));
  });

  it('says which sample was to stand in a row, and shows the one that does', async () => {
    const bad = Uint8Array.from('neither JPEG nor PNG', (letter) => letter.charCodeAt(0));
    const items = patternItems(12).map(
      (item, i): ImageItem => (i % 3 === 0 ? { ...item, image: bad } : item),
    );
    const options = { batchSize: 12, seed: 1, workers: 0, onError: 'substitute', maxBad: 0 } as const;
    const steps = [randomResizedCrop(8), mixup(0.4)];
    const replays = await replaysOf({ dataset: images(items), steps, options, epoch: 0, batch: 0 });
    const badKeys = ['pattern-0', 'pattern-3', 'pattern-6', 'pattern-9'];
    const tried = replays.flatMap(({ substitutions, row }) =>
      substitutions.map((substitution) => ({ ...substitution, isThisRow: substitution.row === row })),
    );
    expect(new Set(tried.map(({ key }) => key))).toEqual(new Set(badKeys));
    for (const one of tried) expect(one).toMatchObject({ code: 'NOT_AN_IMAGE', isThisRow: true });
    for (const { sample } of replays) expect(badKeys).not.toContain(sample.key);
  });

  it.each([0, 1])(
    'finds an operator whose draws depend on chance, and names it (%i workers)',
    async (workers) => {
      const options = { batchSize: 4, workers };
      const steps = [randomResizedCrop(8), unsteadyDraw()];
      await expect(replaysOf({ dataset, steps, options, epoch: 0, batch: 1 })).rejects.toMatchObject({
        name: 'BackendError',
        code: 'REPLAY_DIFFERS',
        operator: 'unsteadyDraw',
        message: expect.stringMatching(/^pattern-\d+: unsteadyDraw drew \{"amount":\d+\} for the batch/),
      });
    },
  );

  it('finds pixels that differ although the draws do not', async () => {
    const options = { batchSize: 4, workers: 0 };
    const steps = [randomResizedCrop(8), unsteadyLower()];
    await expect(replaysOf({ dataset, steps, options, epoch: 0, batch: 1 }, [2])).rejects.toMatchObject({
      name: 'BackendError',
      code: 'REPLAY_DIFFERS',
      message: expect.stringMatching(
        /the replay does not end in the batch's row: \d+ of 192 elements differ/,
      ),
    });
  });

  it('refuses places that are not in the stream, and a backend that reads nothing', async () => {
    const at = (epoch: number, batch: number, row: number, options: PipelineOptions = {}) =>
      replaysOf(
        {
          dataset,
          steps: [randomResizedCrop(8)],
          options: { batchSize: 10, workers: 0, ...options },
          epoch,
          batch,
        },
        [row],
      );
    await expect(at(0, 3, 0)).rejects.toThrow(
      'batch must be 0..2 (there are 3 batches of an epoch of images',
    );
    await expect(at(0, 2, 3)).rejects.toThrow('row must be 0..2 (there are 3 rows in batch 2), got 3');
    await expect(at(-1, 0, 0)).rejects.toThrow('epoch must be an integer 0..');
    await expect(at(0, 0, 0, { backend: 'synthetic' })).rejects.toThrow("'synthetic' reads no images");
  });
});
