import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { openDataset } from '../../src/datasets/opening/open-dataset.ts';
import { type PipelineOptions, pipeline, randomResizedCrop } from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { half, reset } from '../support/http-server.ts';
import { pnm } from '../support/raw-images.ts';
import { openServed, served } from '../support/remote-sources.ts';
import { tarOf, tarSample } from '../support/tar.ts';

afterEach(() => vi.unstubAllEnvs());

const SAMPLES = 48;
const shard = (first: number) =>
  tarOf(
    Array.from({ length: SAMPLES / 2 }, (_, i) => tarSample(`${first + i}`, i % 3, pnm(first + i))).flat(),
  );
const shards = () => ({ 'a.tar': shard(0), 'b.tar': shard(SAMPLES / 2) });

const streamOf = (dataset: Dataset, options: PipelineOptions = {}) =>
  pipeline(dataset, {
    batchSize: 8,
    chunkRows: 4,
    epochs: 2,
    seed: 5,
    digest: true,
    workers: 2,
    ...options,
  }).pipe(randomResizedCrop(16));

/** The digest of the last batch; `onBatch` hears of each. */
async function digestOf(dataset: Dataset, options: PipelineOptions = {}, onBatch = async (_: number) => {}) {
  let [digest, count] = ['', 0];
  for await (const batch of streamOf(dataset, options)) {
    digest = batch.digest as string;
    await onBatch(count++);
  }
  return digest;
}

describe('a stream from the network', () => {
  it('is the one from the disk: through broken connections, and with the server gone for a moment', async () => {
    const there = await served(shards());
    const expected = await digestOf(await openDataset(there.folder));
    const dataset = await openServed(there);
    expect(await digestOf(dataset, { workers: 0 })).toBe(expected);
    there.server.faults.push(reset, half, reset);
    const digest = await digestOf(dataset, {}, async (batch) => {
      if (batch !== 1) return;
      await there.server.stop();
      setTimeout(() => void there.server.start(), 400);
    });
    expect(digest).toBe(expected);
  });

  it('is the same without a cache, with one, with half of it, and then from it alone', async () => {
    const there = await served(shards());
    const expected = await digestOf(await openServed(there));
    const cache = folderOf();
    const list = `${there.server.url}/{a,b}.tar`;
    // half of it: the blocks of one shard
    await openDataset(`${there.server.url}/a.tar`, { cache });
    const cached = await openDataset(list, { cache });
    expect(await digestOf(cached)).toBe(expected);
    const requests = there.server.requests.length;
    expect(await digestOf(cached)).toBe(expected);
    expect(there.server.requests.length).toBe(requests);
  });

  it.each(['stop', 'substitute'] as const)(
    'ends by name where an object is replaced: %s',
    async (onError) => {
      const there = await served(shards());
      const dataset = await openServed(there);
      const replaced = digestOf(dataset, { onError }, async (batch) => {
        if (batch === 0) there.server.objects.set('/a.tar', shard(100));
      });
      await expect(replaced).rejects.toThrow(
        expect.objectContaining({
          name: 'BackendError',
          code: 'CHANGED_DATA',
          message: expect.stringMatching(/^\d+\.jpg: http:.*\/a\.tar: .*it has changed since it was listed/),
        }),
      );
    },
  );

  it('asks for the rows of two tasks at once', async () => {
    const there = await served(shards());
    const dataset = await openServed(there);
    there.server.options = { latencyMs: 10 };
    await digestOf(dataset, { workers: 1 });
    expect(there.server.mostAtOnce).toBeGreaterThan(4);
    expect(there.server.mostAtOnce).toBeLessThanOrEqual(9);
  });
});
