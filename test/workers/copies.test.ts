import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  autoAugment,
  type Batch,
  type ImageItem,
  images,
  mixup,
  normalize,
  type PipelineOptions,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
  rowsOfView,
  verifyStream,
} from '../../src/index.ts';
import { patternItems } from '../support/raw-images.ts';
import { replaysOf } from '../support/replays.ts';
import { collect, contents } from '../support/streams.ts';

const LENGTH = 37;
const dataset = images(patternItems(LENGTH));
const steps = [randomResizedCrop(8), randomHorizontalFlip(), autoAugment(), mixup(0.2)];
const defaults = { batchSize: 8, seed: 3, epochs: 2, workers: 0, digest: true, recordDraws: true };
const of = (options: PipelineOptions, some = steps) =>
  pipeline(dataset, { ...defaults, ...options }).pipe(...some);
const collected = (options: PipelineOptions, some = steps) => collect(of(options, some));
const drawsOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ epoch, ids, occurrences, drawn }) =>
    Array.from(ids, (id, row) => ({ epoch, id, occurrence: occurrences?.[row] ?? 0, drawn: drawn?.[row] })),
  );

describe.each([{ repeats: 4 }, { views: 2 }])('a stream of %o', (copies) => {
  const all = async (options: PipelineOptions) => {
    const batches = await collected({ ...copies, ...options });
    return contents(batches).map((one, i) => ({
      ...one,
      ...{ digest: batches[i]?.digest, occurrences: batches[i]?.occurrences },
    }));
  };
  const expected = all({ backend: 'reference' });
  const inOrder = all({ shuffle: false });

  it('is one for any workers, prefetch and chunks, shuffled or not, and goes on from any batch', async () => {
    const variation = fc.record({
      workers: fc.constantFrom(0, 1, 2),
      prefetch: fc.integer({ min: 1, max: 4 }),
      chunkRows: fc.integer({ min: 1, max: 9 }),
    });
    const place = fc.nat((await expected).length - 1);
    await fc.assert(
      fc.asyncProperty(variation, place, fc.boolean(), async (options, at, shuffle) => {
        const whole = await (shuffle ? expected : inOrder);
        const { epoch, index: batch } = whole[at] as { epoch: number; index: number };
        const digest = batch === 0 ? '' : (whole[at - 1]?.digest as string);
        const rest = await all({ ...options, shuffle, start: { epoch, batch, digest } });
        expect(rest).toEqual(whole.slice(at));
      }),
      { numRuns: 6 },
    );
  });

  it('is one, rank by rank, for any number of ranks', async () => {
    const shards = await Promise.all([0, 1].map((rank) => all({ batchSize: 4, worldSize: 2, rank })));
    for (const { epoch, index, ids, pixels } of await expected) {
      const parts = shards.flatMap((shard) =>
        shard.filter((part) => part.epoch === epoch && part.index === index),
      );
      expect(parts.flatMap((part) => part.ids)).toEqual(ids);
      const bytes = parts.map((part) => Buffer.from(part.pixels, 'base64'));
      expect(Buffer.concat(bytes).toString('base64')).toBe(pixels);
    }
  });

  it('passes verify, with ranks too', async () => {
    const verdict = await verifyStream(dataset, steps, {
      ...{ ...copies, batchSize: 16, seed: 3, batches: 2, workers: 1, backends: [], only: 'ranks' },
    });
    const failed = verdict.results.filter(({ status }) => status === 'fail');
    expect(failed).toEqual([]);
    expect(verdict.results.filter(({ status }) => status === 'pass').length).toBe(4);
    expect(verdict.identity.pipeline).toBe(of({ ...copies, batchSize: 16 }).digest);
  });

  it('draws anew for each row of a sample, and for its first what is drawn where there is one', async () => {
    const copied = drawsOf(await collected(copies));
    const single = drawsOf(await collected({}));
    for (const { epoch, id, occurrence, drawn } of copied) {
      const alone = single.find((one) => one.epoch === epoch && one.id === id)?.drawn;
      if (occurrence === 0) expect(drawn).toEqual(alone);
      else expect(drawn).not.toEqual(alone);
    }
    expect(new Set(copied.map((row) => JSON.stringify(row.drawn))).size).toBe(copied.length);
  });

  it('can be replayed, row by row, whichever of its sample’s the row is', async () => {
    const { batchSize, seed } = defaults;
    const options = { ...copies, batchSize, seed, workers: 0 };
    const batch = (await collected({ ...copies, epochs: 2 })).find(
      ({ epoch, index }) => epoch === 1 && index === 2,
    );
    const replays = await replaysOf({ dataset, steps, options, epoch: 1, batch: 2 });
    expect(replays.map(({ sample }) => sample.drawn)).toEqual(batch?.drawn);
    expect(batch?.occurrences?.at(-1)).toBeGreaterThan(0);
    const digests = replays.map(({ digests: { row } }) => row);
    expect(digests).toEqual(batch?.rowDigests?.map((digest) => Buffer.from(digest).toString('hex')));
  });

  it('has one stand-in for all rows of a bad sample', async () => {
    const bad = [1, 2, 7, 19, 30];
    const noImage = Uint8Array.from('neither JPEG nor PNG', (letter) => letter.charCodeAt(0));
    const items = patternItems(LENGTH).map(
      (item, i): ImageItem => (bad.includes(i) ? { ...item, image: noImage } : item),
    );
    const options = { ...defaults, ...copies, onError: 'substitute', maxBad: LENGTH } as const;
    const run = (workers: number) =>
      collect(pipeline(images(items), { ...options, workers }).pipe(randomResizedCrop(8)));
    const batches = await run(0);
    expect(contents(await run(2))).toEqual(contents(batches));
    const sound = await collected(copies, [randomResizedCrop(8)]);
    let replaced = 0;
    for (const [i, { ids, occurrences }] of batches.entries())
      for (const [row, id] of ids.entries()) {
        const planned = sound[i]?.ids as Float64Array;
        const first = planned.indexOf(planned[row] as number);
        expect(id).toBe(ids[first]);
        expect(bad).not.toContain(id);
        expect(occurrences?.[row]).toBe(sound[i]?.occurrences?.[row]);
        if (id !== planned[row]) replaced++;
      }
    expect(replaced).toBeGreaterThan(0);
  });
});

describe('repeats', () => {
  it('leave an epoch its batches, of a part of the samples, another one each epoch', async () => {
    const batches = await collected({ repeats: 4 });
    expect(batches.map(({ labels }) => labels.length)).toEqual([8, 8, 8, 8, 5, 8, 8, 8, 8, 5]);
    const ids = (epoch: number) =>
      new Set(batches.filter((batch) => batch.epoch === epoch).flatMap((batch) => [...batch.ids]));
    expect([ids(0).size, ids(1).size]).toEqual([10, 10]);
    expect(ids(1)).not.toEqual(ids(0));
    expect(of({ repeats: 4 }).explain()).toContain('4 rows of each sample, 1 / 4 of the samples an epoch');
  });

  it('are part of the digest, where there are any', () => {
    expect(of({ repeats: 1, views: 1 }).digest).toBe(of({}).digest);
    expect(
      new Set([{}, { repeats: 4 }, { repeats: 2 }, { views: 2 }].map((one) => of(one).digest)).size,
    ).toBe(4);
  });

  it('are mixed with other samples alone', async () => {
    for (const { ids, mixing } of await collected({ repeats: 4 }))
      for (const [row, partner] of mixing?.partnerRows.entries() ?? [])
        if (partner !== row) expect(ids[partner]).not.toBe(ids[row]);
  });
});

describe('rowsOfView', () => {
  it('gives the rows of each view, sample by sample', async () => {
    for (const batch of await collected({ views: 4 })) {
      expect(batch.views).toBe(4);
      const ids = [0, 1, 2, 3].map((view) => Array.from(rowsOfView(batch, view), (row) => batch.ids[row]));
      expect(new Set(ids[0]).size).toBe(batch.ids.length / 4);
      for (const others of ids) expect(others).toEqual(ids[0]);
    }
  });

  it('gives all rows where each is its own sample’s, and refuses a view that there is not', async () => {
    const [single, double] = [(await collected({}))[0] as Batch, (await collected({ views: 2 }))[0] as Batch];
    expect([...rowsOfView(single, 0)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(() => rowsOfView(single, 1)).toThrow('view must be an integer 0..0, got 1');
    expect(() => rowsOfView(double, 2)).toThrow('view must be an integer 0..1, got 2');
  });

  it('finds them in a part of a batch that keeps its blocks whole', async () => {
    const { partsOf } = await import('../../src/core/batch-part.ts');
    const [batch] = await collected({ views: 2 }, [randomResizedCrop(8), normalize()]);
    const [first, second] = partsOf(batch as Batch, 4);
    expect([...rowsOfView(first as Batch, 1)]).toEqual([2, 3]);
    expect([...rowsOfView(second as Batch, 0)]).toEqual([0, 1]);
    expect(second?.views).toBe(2);
  });
});
