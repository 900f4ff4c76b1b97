import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/core/errors.ts';
import {
  type Batch,
  type ImageItem,
  images,
  type Mixing,
  mixup,
  normalize,
  type PipelineOptions,
  pipeline,
  randomResizedCrop,
} from '../../src/index.ts';
import { patternImage, patternItems } from '../support/raw-images.ts';
import { collect, contents } from '../support/streams.ts';

const LENGTH = 41;
const noImage = Uint8Array.from('neither JPEG nor PNG', (letter) => letter.charCodeAt(0));

/** Of 41 images, those with these indices are damaged. */
const damaged = (bad: readonly number[], length = LENGTH) =>
  images(
    patternItems(length).map((item, i): ImageItem => (bad.includes(i) ? { ...item, image: noImage } : item)),
  );
const BAD = [0, 3, 4, 17, 18, 19, 33, 40];
const stream = (bad: readonly number[], options: PipelineOptions, alpha?: number) => {
  const cropped = pipeline(damaged(bad), { batchSize: 8, seed: 2, epochs: 2, ...options }).pipe(
    randomResizedCrop(8),
  );
  return alpha === undefined ? cropped : cropped.pipe(mixup(alpha));
};
const substitute = { onError: 'substitute', maxBad: LENGTH * 4 } as const;
const report = (batches: readonly Batch[]) =>
  batches.map((batch, i) => ({
    ...contents(batches)[i],
    digest: batch.digest,
    substitutions: batch.substitutions,
  }));

describe("onError 'substitute'", () => {
  it.each([undefined, 0.2])(
    'gives one stream for any workers and chunks, with mixup alpha %s',
    async (alpha) => {
      const run = async (options: PipelineOptions) =>
        report(await collect(stream(BAD, { ...substitute, digest: true, ...options }, alpha)));
      const expected = await run({ workers: 0, backend: 'reference' });
      const variation = fc.record({
        workers: fc.constantFrom(0, 1, 2, 4),
        chunkRows: fc.integer({ min: 1, max: 9 }),
        prefetch: fc.integer({ min: 1, max: 4 }),
      });
      const sameStream = async (options: PipelineOptions) => {
        expect(await run(options)).toEqual(expected);
      };
      await fc.assert(fc.asyncProperty(variation, sameStream), { numRuns: 5 });
    },
  );

  it('keeps every batch full, of good samples only, and lists each bad one with row, key and reason', async () => {
    const batches = await collect(stream(BAD, { ...substitute, workers: 1 }));
    expect(batches.map((batch) => batch.labels.length)).toEqual([8, 8, 8, 8, 8, 1, 8, 8, 8, 8, 8, 1]);
    expect(batches.flatMap((batch) => [...batch.ids]).filter((id) => BAD.includes(id))).toEqual([]);
    const planned = contents(await collect(stream([], { workers: 1 })));
    for (const [i, batch] of batches.entries()) {
      expect(batch.keys).toEqual([...batch.ids].map((id) => `pattern-${id}`));
      expect([...batch.labels]).toEqual([...batch.ids].map((id) => id % 5));
      const badRows = (planned[i]?.ids ?? []).flatMap((id, row) =>
        BAD.includes(id) ? [[row, `pattern-${id}`]] : [],
      );
      const { substitutions } = batch;
      const listed = substitutions.filter(({ row }, place) => row !== substitutions[place - 1]?.row);
      expect(listed.map(({ row, key }) => [row, key])).toEqual(badRows);
      for (const { key, code, message } of batch.substitutions) {
        expect(code).toBe('NOT_AN_IMAGE');
        expect(message).toContain(key);
      }
    }
  });

  it('leaves rows without a fault as they are in the stream without faults', async () => {
    const [with_, without] = await Promise.all([
      collect(stream(BAD, { ...substitute, workers: 1 })),
      collect(stream([], { workers: 1 })),
    ]);
    const rowOf = (batch: Batch, row: number) => [...batch.images.subarray(row * 192, (row + 1) * 192)];
    for (const [i, batch] of without.entries())
      for (const [row, id] of batch.ids.entries())
        if (!BAD.includes(id)) expect(rowOf(with_[i] as Batch, row)).toEqual(rowOf(batch, row));
  });

  it('lists the same, row by row, for a batch and for ranks that share it, where stand-ins are bad as well', async () => {
    const bad = Array.from({ length: 20 }, (_, i) => i * 2);
    const listed = async (options: PipelineOptions) =>
      (await collect(stream(bad, { ...substitute, workers: 1, dropLast: true, ...options }))).map(
        ({ substitutions }) => substitutions.map(({ row, key }) => [row, key] as const),
      );
    const whole = await listed({});
    const halves = await Promise.all([0, 1].map((rank) => listed({ batchSize: 4, rank, worldSize: 2 })));
    const joined = whole.map((_, i) =>
      halves.flatMap((half, rank) => (half[i] ?? []).map(([row, key]) => [row + 4 * rank, key])),
    );
    expect(joined).toEqual(whole);
    // of the first row of several tries, another row comes after it
    expect(
      whole.some((batch) => batch.some(([row], i) => row === batch[i - 1]?.[0] && i + 1 < batch.length)),
    ).toBe(true);
  });

  it('mixes a stand-in with its partner, image and label', async () => {
    const options = { ...substitute, workers: 1 };
    const format = normalize({ dtype: 'float32', mean: [0, 0, 0], std: [1, 1, 1] });
    const plain = await collect(stream(BAD, options).pipe(format));
    const mixed = await collect(stream(BAD, options).pipe(format, mixup(1)));
    for (const [i, { mixing, labels, images: blended, ids, substitutions }] of mixed.entries()) {
      const own = plain[i] as Batch;
      expect([ids, labels, substitutions]).toEqual([own.ids, own.labels, own.substitutions]);
      const { lambda, partnerLabels } = mixing as Mixing;
      const partner = (row: number) => ((row ^ 1) < labels.length ? row ^ 1 : row);
      expect([...partnerLabels]).toEqual([...labels].map((_, row) => labels[partner(row)]));
      const expected = Float32Array.from(blended, (_, at) => {
        const row = Math.floor(at / 192);
        const other = own.images[partner(row) * 192 + (at % 192)] as number;
        return lambda * (own.images[at] as number) + (1 - lambda) * other;
      });
      const error = (blended as Float32Array).reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (expected[at] as number))),
        0,
      );
      expect(error).toBeLessThan(1e-5);
    }
  });

  it('stops where a count of bad samples is exceeded, at the same place for any workers, naming the causes', async () => {
    const run = async (workers: number, chunkRows: number) => {
      const delivered: number[] = [];
      const all = async () => {
        for await (const batch of stream(BAD, { ...substitute, maxBad: 4, workers, chunkRows }))
          delivered.push(batch.index);
      };
      const error = await all().catch((thrown: unknown) => thrown);
      return { delivered, error: { ...(error as Error), message: reasonOf(error) } };
    };
    const expected = await run(0, 8);
    expect(expected.error).toMatchObject({
      name: 'DataError',
      code: 'TOO_MANY_BAD_SAMPLES',
      message: expect.stringMatching(
        /too many bad samples: [5-8] of 41 \(maxBad is 4\):\n {2}[5-8] x NOT_AN_IMAGE, such as pattern-\d+: /,
      ),
    });
    expect(expected.delivered.length).toBeLessThan(6);
    for (const [workers, chunkRows] of [
      [1, 2],
      [2, 4],
      [4, 2],
    ] as const)
      expect(await run(workers, chunkRows)).toEqual(expected);
  });

  it('allows a share of the rows', async () => {
    const few = { onError: 'substitute', workers: 0, epochs: 1 } as const;
    await expect(collect(stream(BAD, { ...few, maxBad: '5%' }))).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_SAMPLES',
    });
    expect(await collect(stream(BAD, { ...few, maxBad: '60%' }))).toHaveLength(6);
    expect(await collect(stream([], { ...few, maxBad: 0 }))).toHaveLength(6);
  });

  it('ends with an error where all samples are bad', async () => {
    const all = Array.from({ length: LENGTH }, (_, i) => i);
    for (const workers of [0, 2])
      await expect(collect(stream(all, { ...substitute, maxBad: Infinity, workers }))).rejects.toMatchObject({
        name: 'DataError',
        code: 'NO_STAND_IN',
        message: expect.stringContaining('16 stand-ins'),
      });
  });

  it('counts in the statistics what it replaced', async () => {
    const run = stream(BAD, { ...substitute, workers: 0 });
    const listed = (await collect(run)).flatMap((batch) => batch.substitutions).length;
    expect(listed).toBeGreaterThanOrEqual(2 * BAD.length);
    expect(run.statistics?.substitutions).toBe(listed);
  });
});

describe("onError 'stop'", () => {
  it('names the first bad sample of the stream, whatever thread was first, after the batches before it', async () => {
    const seen = async (workers: number, chunkRows: number) => {
      const delivered: number[] = [];
      const all = async () => {
        for await (const batch of stream([7, 20, 21], { workers, chunkRows, prefetch: 4 }))
          delivered.push(batch.index);
      };
      return { error: reasonOf(await all().catch((thrown: unknown) => thrown)), delivered };
    };
    const planned = contents(await collect(stream([], { workers: 0 })));
    const place = planned.findIndex(({ ids }) => ids.some((id) => [7, 20, 21].includes(id)));
    const first = planned[place]?.ids.find((id) => [7, 20, 21].includes(id));
    for (const [workers, chunkRows] of [
      [0, 8],
      [1, 2],
      [2, 1],
      [4, 2],
    ] as const) {
      const { error, delivered } = await seen(workers, chunkRows);
      expect(error).toMatch(new RegExp(`^pattern-${first}: `));
      expect(delivered).toEqual(Array.from({ length: place }, (_, i) => i));
    }
  });

  it('is a DataError with key and code', async () => {
    await expect(collect(stream([5], { workers: 1 }))).rejects.toMatchObject({
      name: 'DataError',
      code: 'NOT_AN_IMAGE',
      sample: 'pattern-5',
    });
  });
});

it('a raw image of the wrong length from a reader is bad data, not the pixels of the image before', async () => {
  const good = images([{ key: 'good', image: patternImage(0, 4, 4) }]);
  const lying = { ...good, key: String, locator: () => ({ data: new Uint8Array(3), width: 4, height: 4 }) };
  const run = pipeline(lying, { workers: 0 }).pipe(randomResizedCrop(4));
  await expect(collect(run)).rejects.toMatchObject({ name: 'DataError', code: 'INVALID_IMAGE' });
});
