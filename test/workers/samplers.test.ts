import { describe, expect, it } from 'vitest';
import {
  type Batch,
  blockShuffle,
  classBalanced,
  classesByRows,
  type Dataset,
  type ImageItem,
  images,
  interleave,
  mixup,
  type PipelineOptions,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
  rowsOfView,
  type Sampler,
  verifyStream,
  weighted,
} from '../../src/index.ts';
import { patternItems } from '../support/raw-images.ts';
import { replaysOf } from '../support/replays.ts';
import { collect, contents } from '../support/streams.ts';

const LENGTH = 37;
const noImage = Uint8Array.from('neither JPEG nor PNG', (letter) => letter.charCodeAt(0));
const items = (bad: readonly number[] = []): ImageItem[] =>
  patternItems(LENGTH).map((item, i) => ({
    ...item,
    // 20 of the first class, 9, 4, 2, 2
    label: [19, 28, 32, 34, 36].findIndex((last) => i <= last),
    ...(bad.includes(i) && { image: noImage }),
  }));
const dataset = images(items());
const steps = [randomResizedCrop(8), randomHorizontalFlip(), mixup(0.2)];
const defaults = { batchSize: 8, seed: 3, epochs: 2, workers: 0, digest: true, recordDraws: true };
const of = (options: PipelineOptions, data: Dataset = dataset) =>
  pipeline(data, { ...defaults, ...options }).pipe(...steps);
const rowsOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ epoch, ids, labels, occurrences, drawn }) =>
    Array.from(ids, (id, row) => ({
      ...{ epoch, id, label: labels[row] as number, occurrence: occurrences?.[row] ?? 0 },
      drawn: drawn?.[row],
    })),
  );

const own: Sampler = {
  name: 'everyThird',
  parameters: { step: 3 },
  open: ({ dataset: { length } }) => ({
    length: 20,
    at: (position, epoch) => {
      const place = 3 * position + epoch;
      return { index: place % length, occurrence: Math.floor(place / length) };
    },
  }),
};
const weights = Array.from({ length: LENGTH }, (_, i) => (i % 5 === 0 ? 20 : i % 3));
const mixed = interleave([dataset, images(patternItems(9))], [1, 2], { prefixes: ['a', 'b'] });
const samplers: readonly (readonly [string, Sampler, Dataset])[] = [
  ['classBalanced', classBalanced(), dataset],
  ['weighted', weighted(weights), dataset],
  ['classesByRows', classesByRows(2, 4), dataset],
  ['blockShuffle', blockShuffle(4, { window: 3 }), dataset],
  ['interleave', mixed.sampler, mixed.dataset],
  ['one of one’s own', own, dataset],
];

describe.each(samplers)('a stream by %s', (_, sampler, data) => {
  const all = async (options: PipelineOptions) => {
    const batches = await collect(of({ sampler, ...options }, data));
    return contents(batches).map((one, i) => ({
      ...one,
      ...{ digest: batches[i]?.digest, occurrences: batches[i]?.occurrences },
    }));
  };
  const expected = all({});

  it('goes on from any batch', async () => {
    const whole = await expected;
    for (const [at, { epoch, index: batch }] of whole.entries()) {
      const digest = batch === 0 ? '' : (whole[at - 1]?.digest as string);
      expect(await all({ start: { epoch, batch, digest } })).toEqual(whole.slice(at));
    }
  });

  it('is one, rank by rank, for 1, 2 and 4 ranks', async () => {
    for (const worldSize of [2, 4]) {
      const shards = await Promise.all(
        Array.from({ length: worldSize }, (_, rank) => all({ batchSize: 8 / worldSize, worldSize, rank })),
      );
      for (const { epoch, index, ids, pixels } of await expected) {
        const parts = shards.flatMap((shard) =>
          shard.filter((part) => part.epoch === epoch && part.index === index),
        );
        expect(parts.flatMap((part) => part.ids)).toEqual(ids);
        const bytes = parts.map((part) => Buffer.from(part.pixels, 'base64'));
        expect(Buffer.concat(bytes).toString('base64')).toBe(pixels);
      }
    }
  });

  it('draws anew each time that an epoch has a sample', async () => {
    const rows = rowsOf(await collect(of({ sampler }, data)));
    const draws = rows.map(({ epoch, id, drawn }) => JSON.stringify({ epoch, id, drawn }));
    expect(new Set(draws).size).toBe(rows.length);
    const places = new Set(rows.map(({ epoch, id, occurrence }) => `${epoch} ${id} ${occurrence}`));
    expect(places.size).toBe(rows.length);
  });

  it('has a digest of its own', () => {
    const digests = [{}, { sampler }, { sampler: { ...sampler, version: 2 } }].map(
      (options) => of(options, data).digest,
    );
    expect(new Set(digests).size).toBe(3);
    expect(of({ sampler: { ...sampler } }, data).digest).toBe(digests[1]);
  });
});

describe('a stream by a sampler', () => {
  const sampler = weighted(weights, { samplesPerEpoch: 24 });

  it('is one for any workers, and passes verify, with stops and ranks', async () => {
    const verdict = await verifyStream(dataset, steps, {
      ...{ sampler, batchSize: 8, seed: 3, batches: 1, workers: 2, backends: [], only: '2 ' },
    });
    expect(verdict.results.map(({ name, status }) => `${name}: ${status}`)).toMatchInlineSnapshot(`
      [
        "cpu, 1 worker: baseline",
        "2 workers: pass",
        "2 workers, 2 rows at a time, prefetch 1: pass",
        "2 workers, whole batches, prefetch 5: pass",
        "2 workers, then none, then 1: pass",
        "2 ranks: pass",
        "4, then 1, then 2 ranks: pass",
      ]
    `);
    expect(verdict.identity.pipeline).toBe(of({ sampler, batchSize: 8 }).digest);
  });

  it('can be replayed, row by row', async () => {
    const options = { sampler, batchSize: 8, seed: 3, workers: 0 };
    const batch = (await collect(of({ sampler }))).find(({ epoch, index }) => epoch === 1 && index === 2);
    const replays = await replaysOf({ dataset, steps, options, epoch: 1, batch: 2 }, [1, 6]);
    const row = (at: number) => Buffer.from(batch?.rowDigests?.[at] as Uint8Array).toString('hex');
    expect(replays.map(({ digests }) => digests.row)).toEqual([row(1), row(6)]);
    expect(replays[0]?.sample.occurrence).toBe(batch?.occurrences?.[1]);
    await expect(replaysOf({ dataset, steps, options, epoch: 1, batch: 3 })).rejects.toThrow('must be 0..2');
  });

  it('does not mix a row with its own sample', async () => {
    const twice = weighted(weights.map((_, i) => (i < 2 ? 1 : 0)));
    const batches = await collect(of({ sampler: twice }));
    let alike = 0;
    for (const { ids, mixing } of batches)
      for (const [row, id] of ids.entries()) {
        if (ids[row ^ 1] !== id) continue;
        alike++;
        expect(mixing?.weights[row]).toBe(1);
      }
    expect(alike).toBeGreaterThan(10);
  });

  it('has stand-ins that may come, and the same on all ranks', async () => {
    const bad = [0, 5, 10];
    const some = weighted(weights.map((weight) => (weight === 20 ? 20 : 0)));
    const options = { sampler: some, onError: 'substitute', maxBad: 10 } as const;
    const batches = await collect(of(options, images(items(bad))));
    const ids = batches.flatMap((batch) => [...batch.ids]);
    expect(new Set(ids)).toEqual(new Set([15, 20, 25, 30, 35]));
    expect(batches.flatMap(({ substitutions }) => substitutions).length).toBeGreaterThan(10);
    const halves = await Promise.all(
      [0, 1].map((rank) => collect(of({ ...options, batchSize: 4, worldSize: 2, rank }, images(items(bad))))),
    );
    const joined = batches.flatMap((_, i) => halves.flatMap((half) => [...(half[i]?.ids ?? [])]));
    expect(joined).toEqual(ids);
  });

  it('has repeats and views of each sample that it gives', async () => {
    for (const copies of [{ repeats: 2 }, { views: 2 }]) {
      const rows = rowsOf(await collect(of({ sampler, ...copies, epochs: 1 })));
      const order = rowsOf(await collect(of({ sampler, epochs: 1 })));
      expect(rows.length).toBe('views' in copies ? 48 : 24);
      const first = rows.filter(({ occurrence }) => occurrence % 2 === 0);
      expect(new Set(first.map(({ id, occurrence }) => `${id} ${occurrence / 2}`))).toEqual(
        new Set(order.slice(0, first.length).map(({ id, occurrence }) => `${id} ${occurrence}`)),
      );
      expect(new Set(rows.map(({ drawn }) => JSON.stringify(drawn))).size).toBe(rows.length);
    }
    const [batch] = await collect(of({ sampler, views: 2, epochs: 1 }));
    const ids = (view: number) => [...rowsOfView(batch as Batch, view)].map((row) => batch?.ids[row]);
    expect(ids(1)).toEqual(ids(0));
    expect(ids(0).length).toBe(4);
  });

  it('leaves out its epoch’s last incomplete batch with dropLast', async () => {
    const odd = classBalanced({ samplesPerEpoch: 21 });
    const sizes = async (dropLast: boolean) =>
      (await collect(of({ sampler: odd, dropLast, epochs: 1 }))).map(({ labels }) => labels.length);
    expect(await sizes(false)).toEqual([8, 8, 5]);
    expect(await sizes(true)).toEqual([8, 8]);
    expect(of({ sampler: odd }).samplesPerEpoch).toBe(21);
    expect(() => of({ sampler: classBalanced({ samplesPerEpoch: 7 }), dropLast: true })).toThrow(
      'of 7 samples an epoch, no batch would ever come',
    );
  });

  it('says so in explain, and refuses what contradicts it', () => {
    expect(of({ sampler: classBalanced() }).explain()).toContain('2 epochs, by classBalanced() and seed 3');
    expect(() => of({ sampler, shuffle: false })).toThrow('the sampler says what stands where (weighted)');
    expect(() => of({ sampler: 'balanced' as unknown as Sampler })).toThrow("got 'balanced'");
    const live = { name: 'own', parameters: { at: () => 1 }, open: own.open };
    expect(() => of({ sampler: live })).toThrow('parameters must be plain data');
  });

  it('asks for the rows of a batch alone, wherever it begins', async () => {
    const asked: number[] = [];
    const counting: Sampler = {
      name: 'counting',
      open: () => ({
        length: 2_000_000_000,
        at: (position) => {
          asked.push(position);
          return { index: position % LENGTH, occurrence: Math.floor(position / LENGTH) };
        },
      }),
    };
    const stream = of({ sampler: counting, start: { epoch: 0, batch: 125_000_000 } });
    for await (const { ids, index } of stream) {
      expect([index, ids[0]]).toEqual([125_000_000, 1_000_000_000 % LENGTH]);
      break;
    }
    // one batch, and those that are prepared ahead
    expect(asked.length).toBeLessThanOrEqual(8 * 4);
    expect(asked[0]).toBe(1_000_000_000);
    for (const one of [weighted(weights), classBalanced({ samplesPerEpoch: 4_000_000_000 }), blockShuffle(2)])
      expect(one.open({ dataset, seed: 1, batchSize: 8 }).at(30, 4_000_000).index).toBeLessThan(LENGTH);
  });
});
