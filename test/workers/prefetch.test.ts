import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/datasets/dataset.ts';
import { type PipelineOptions, pipeline, randomResizedCrop } from '../../src/index.ts';
import { type PrefetchKind, prefetching } from '../support/prefetching.ts';
import { collect, contents } from '../support/streams.ts';

const LENGTH = 48;

async function runOf(kind: PrefetchKind, options: PipelineOptions) {
  const { dataset, seen } = prefetching(LENGTH, kind);
  const stream = pipeline(dataset, { batchSize: 16, chunkRows: 4, seed: 3, ...options });
  const batches = await collect(stream.pipe(randomResizedCrop(8)));
  return { batches: contents(batches), ...seen() };
}

describe("a reader's prefetch", () => {
  it.each([0, 1, 2])('hears of each row once before it is read, with %s workers', async (workers) => {
    const { batches, announced, read, unannounced } = await runOf('keeps', { workers });
    expect({ announced, read, unannounced }).toEqual({ announced: LENGTH, read: LENGTH, unannounced: 0 });
    expect(batches).toEqual((await runOf('none', { workers: 0 })).batches);
  });

  it.each([0, 1])('hears of the next task, and of no further one, with %s workers', async (workers) => {
    const { mostAhead } = await runOf('keeps', { workers, prefetch: 4 });
    // a task's rows and the next one's
    expect(mostAhead).toBeGreaterThan(4);
    expect(mostAhead).toBeLessThanOrEqual(8);
  });

  it.each(['throws', 'rejects'] as const)('that %s is an error of the rows, by name', async (kind) => {
    const failing = runOf(kind, { workers: 0 });
    await expect(failing).rejects.toThrow(
      expect.objectContaining({
        name: 'PluginError',
        message: expect.stringMatching(/prefetch has a fault .sample sample-\d+/),
      }),
    );
  });

  it('is not asked when the reader is closed', async () => {
    const { dataset, seen } = prefetching(LENGTH, 'keeps');
    const reader = await openReader(dataset.reader);
    reader.prefetch?.([1, 2]);
    await reader.close();
    reader.prefetch?.([3]);
    expect(seen().announced).toBe(2);
  });
});
