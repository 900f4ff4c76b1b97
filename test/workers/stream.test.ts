import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, type PipelineOptions, pipeline, randomResizedCrop } from '../../src/index.ts';
import { augmented, dataset } from '../support/augmented.ts';
import { collect, contents } from '../support/streams.ts';
import { slowAtTimes, tint } from '../support/tint.ts';

const stream = async (options: PipelineOptions) => contents(await collect(augmented(options)));

describe('the stream', () => {
  const expected = stream({ workers: 0, prefetch: 1, chunkRows: 2, backend: 'reference' });

  it('is the same for any number of workers, prefetch depth, chunk size and backend', async () => {
    const variation = fc.record({
      workers: fc.constantFrom(0, 1, 2, 4),
      prefetch: fc.integer({ min: 1, max: 5 }),
      chunkRows: fc.integer({ min: 1, max: 20 }),
      backend: fc.constantFrom('cpu' as const, 'reference' as const),
    });
    const sameStream = async (options: PipelineOptions) => {
      expect(await stream(options)).toEqual(await expected);
    };
    await fc.assert(fc.asyncProperty(variation, sameStream), { numRuns: 12 });
  });

  it('goes on from any batch as if it had not been interrupted', async () => {
    for (const start of [
      { epoch: 0, batch: 3 },
      { epoch: 1, batch: 0 },
      { epoch: 1, batch: 4 },
    ]) {
      const rest = (await expected).filter(
        ({ epoch, index }) => epoch * 5 + index >= start.epoch * 5 + start.batch,
      );
      expect(await stream({ workers: 1, start })).toEqual(rest);
    }
  });

  it('is the same, rank by rank, for any number of ranks with the same global batch', async () => {
    const shards = await Promise.all(
      [0, 1, 2, 3].map((rank) => stream({ workers: 0, batchSize: 2, worldSize: 4, rank })),
    );
    const together = (await expected).map(({ epoch, index }) =>
      shards.flatMap(
        (shard) => shard.find((part) => part.epoch === epoch && part.index === index)?.ids ?? [],
      ),
    );
    expect(together).toEqual((await expected).map(({ ids }) => ids));
    const firstPixels = shards.map((shard) => Buffer.from(shard[0]?.pixels ?? '', 'base64'));
    expect(Buffer.concat(firstPixels).toString('base64')).toBe((await expected)[0]?.pixels);
  });

  it('visits every sample once an epoch, in another order each epoch', async () => {
    const ids = (epoch: number, all: Awaited<typeof expected>) =>
      all.filter((batch) => batch.epoch === epoch).flatMap((batch) => batch.ids);
    const [first, second] = [ids(0, await expected), ids(1, await expected)];
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 37 }, (_, i) => i));
    expect([...second].sort((a, b) => a - b)).toEqual([...first].sort((a, b) => a - b));
    expect(second).not.toEqual(first);
  });

  it('delivers a smaller last batch, or none where dropLast is set', async () => {
    expect((await expected).map(({ ids }) => ids.length)).toEqual([8, 8, 8, 8, 5, 8, 8, 8, 8, 5]);
    const whole = await stream({ workers: 0, dropLast: true });
    expect(whole).toEqual((await expected).filter(({ ids }) => ids.length === 8));
  });

  it('has a digest that names it: equal for equal streams, another for another seed', async () => {
    const digests = async (options: PipelineOptions) =>
      (await collect(augmented({ ...options, digest: true }))).map((batch) => batch.digest);
    const [inline, threads, other] = await Promise.all([
      digests({ workers: 0, chunkRows: 4 }),
      digests({ workers: 2 }),
      digests({ workers: 0, seed: 12 }),
    ]);
    expect(threads).toEqual(inline);
    expect(new Set([...inline, ...other]).size).toBe(20);
    const resumed = await digests({ workers: 0, start: { epoch: 1, batch: 2, digest: inline[6] as string } });
    expect(resumed).toEqual(inline.slice(7));
  });

  it('has the same digest when a batch that was begun later is made earlier', async () => {
    const options = { batchSize: 2, workers: 2, prefetch: 1, digest: true };
    const slow = pipeline(dataset, options).pipe(randomResizedCrop(8), slowAtTimes());
    const digests: (string | undefined)[] = [];
    await new Promise<void>((resolve, reject) => {
      const release = (batch: Batch) => setTimeout(() => batch.release(), 5);
      const next = (batch: Batch) => {
        digests.push(batch.digest);
        release(batch);
      };
      slow.subscribe({ next, error: reject, complete: resolve });
    });
    const inline = pipeline(dataset, { ...options, workers: 0 }).pipe(randomResizedCrop(8), slowAtTimes());
    expect(digests).toEqual((await collect(inline)).map((batch) => batch.digest));
  });

  it("runs a user's own operator, from its module, on worker threads", async () => {
    const tinted = (workers: number) =>
      pipeline(dataset, { batchSize: 8, workers, seed: 1, recordDraws: true }).pipe(
        randomResizedCrop(16),
        tint(),
      );
    const [inline, threads] = [await collect(tinted(0)), await collect(tinted(2))];
    expect(contents(threads)).toEqual(contents(inline));
    const drawn = threads[0]?.drawn?.[0]?.[1];
    expect(drawn?.operator).toBe('tint');
    expect(drawn?.values).toEqual({ channel: expect.any(Number), amount: expect.any(Number) });
  });
});
