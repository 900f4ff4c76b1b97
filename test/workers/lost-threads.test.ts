import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reasonOf } from '../../src/core/errors.ts';
import { datasetDigest } from '../../src/datasets/dataset.ts';
import { importDataset } from '../../src/datasets/store/import.ts';
import { store } from '../../src/datasets/store/store.ts';
import { autoAugment, mixup, type PipelineOptions, pipeline, randomResizedCrop } from '../../src/index.ts';
import { type Effect, type Fault, faulty } from '../support/faults.ts';
import { folderOf } from '../support/folders.ts';
import { patternItems } from '../support/raw-images.ts';
import { collect, contents } from '../support/streams.ts';

const LENGTH = 40;
const items = patternItems(LENGTH);
const LIMIT_MS = 250;

function stream(faults: Readonly<Record<number, Fault>>, options: PipelineOptions = {}, alpha = 0) {
  const dataset = faulty(items, faults);
  // it takes a thread longer to fill its heap
  const isSlow = Object.values(faults).some(({ effect }) => effect === 'runs out of memory');
  const sampleTimeoutMs = isSlow ? 20_000 : LIMIT_MS;
  const settings = { batchSize: 8, workers: 2, seed: 5, digest: true, sampleTimeoutMs };
  const run = pipeline(dataset, { ...settings, ...options }).pipe(randomResizedCrop(8), autoAugment());
  return { dataset, run: alpha === 0 ? run : run.pipe(mixup(alpha)) };
}

const everything = async (...settings: Parameters<typeof stream>) => {
  const batches = await collect(stream(...settings).run);
  return batches.map((batch, i) => ({
    ...contents([batch])[0],
    digest: batch.digest,
    substitutions: batches[i]?.substitutions,
  }));
};

interface Setting {
  readonly bad: readonly number[];
  readonly alpha: number;
  readonly workers: number;
  readonly chunkRows: number;
}

/** Threads that are started from now to the end of the test. */
function startedThreads(): Worker[] {
  const threads: Worker[] = [];
  const add = (thread: Worker) => threads.push(thread);
  process.on('worker', add);
  onTestFinished(() => {
    process.off('worker', add);
  });
  return threads;
}

const harms: readonly Effect[] = ['exits', 'throws', 'runs out of memory', 'loops', 'waits'];

describe('a worker thread that is lost once', () => {
  it.each(harms)('costs no sample and leaves the digest as it was, where its sample %s', async (effect) => {
    const faults = { 7: { effect, times: 1 } };
    expect(await everything(faults)).toEqual(await everything({}, { workers: 0 }));
  });

  it('costs no sample at any place, with or without mixup, for any workers and chunks', async () => {
    const setting = fc.record({
      bad: fc.uniqueArray(fc.nat(LENGTH - 1), { minLength: 1, maxLength: 4 }),
      alpha: fc.constantFrom(0, 0.2),
      workers: fc.integer({ min: 1, max: 3 }),
      chunkRows: fc.integer({ min: 1, max: 9 }),
    });
    const sameStream = async ({ bad, alpha, ...options }: Setting) => {
      const faults = Object.fromEntries(bad.map((index) => [index, { effect: 'exits', times: 1 } as const]));
      expect(await everything(faults, options, alpha)).toEqual(await everything({}, { workers: 0 }, alpha));
    };
    await fc.assert(fc.asyncProperty(setting, sameStream), { numRuns: 6 });
  });

  it('costs no sample, whenever it is killed', async () => {
    const options = { epochs: 12, workers: 2, sampleTimeoutMs: 60_000 };
    const expected = (await everything({}, options, 0.2)).map(({ digest }) => digest);
    const threads = startedThreads();
    const seen: unknown[] = [];
    let next = 2;
    const kill = () => {
      const alive = threads.filter(({ threadId }) => threadId > 0);
      void alive[Math.floor(Math.random() * alive.length)]?.terminate();
      // by then all rows that were in hand are delivered: none of them is hit twice
      next = seen.length + 4;
    };
    for await (const { digest } of stream({}, options, 0.2).run) {
      if (seen.push(digest) < next) continue;
      next = Number.POSITIVE_INFINITY;
      setTimeout(kill, 4 * Math.random());
    }
    expect(seen).toEqual(expected);
    expect(threads.length).toBeGreaterThan(5);
  });
});

describe('a sample that takes every thread with it', () => {
  it.each([
    ['exits', 'WORKER_DIED', 'its thread ended: worker exited with code: 3'],
    ['throws', 'WORKER_DIED', 'its thread ended: a stray error'],
    ['runs out of memory', 'WORKER_DIED', 'reaching memory limit'],
    ['loops', 'TIMED_OUT', 'not done after 0.25 s'],
    ['waits', 'TIMED_OUT', 'not done after 0.25 s'],
  ] as const)(
    'ends the stream by its name and with the reason, where it %s',
    async (effect, code, reason) => {
      const { run, dataset } = stream({ 11: { effect } });
      const error = await collect(run).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ name: 'DataError', code, sample: 'pattern-11' });
      expect(reasonOf(error)).toMatch(/^pattern-11: tried 2 times, the last: /);
      expect(reasonOf(error)).toContain(reason);
      expect(dataset.reads(11)).toBe(2);
    },
  );

  it.each([
    [0, 'exits'],
    [0.2, 'exits'],
    [0.2, 'loops'],
  ] as const)(
    'is replaced as any bad sample is, and no other sample is blamed: mixup alpha %s, where it %s',
    async (alpha, effect) => {
      const bad = effect === 'loops' ? [3] : [2, 3, 19, 30];
      const options = { onError: 'substitute', maxBad: 100 } as const;
      const faults = Object.fromEntries(bad.map((index) => [index, { effect }]));
      const expected = await everything(faults, { ...options, workers: 1, chunkRows: 2 }, alpha);
      const blamed = expected.flatMap(({ substitutions = [] }) => substitutions.map(({ key }) => key));
      expect(new Set(blamed)).toEqual(new Set(bad.map((index) => `pattern-${index}`)));
      expect(expected.flatMap(({ ids }) => ids).filter((id = -1) => bad.includes(id))).toEqual([]);
      expect(await everything(faults, { ...options, workers: 3, chunkRows: 16 }, alpha)).toEqual(expected);
    },
  );

  it('is replaced by the same stand-in as one whose file is damaged, beside a damaged partner', async () => {
    const damage = (index: number) => ({ ...items[index], image: new Uint8Array(9) });
    const streamOf = (broken: readonly number[], faults: Readonly<Record<number, Fault>>) => {
      const dataset = faulty(
        items.map((item, index) => (broken.includes(index) ? damage(index) : item)),
        faults,
      );
      const options = { batchSize: 8, workers: 1, shuffle: false, maxBad: 100, seed: 5 };
      return collect(
        pipeline(dataset, { ...options, onError: 'substitute' }).pipe(randomResizedCrop(8), mixup(0.2)),
      );
    };
    const lost = await streamOf([4], { 5: { effect: 'exits' } });
    const damaged = await streamOf([4, 5], {});
    expect(contents(lost)).toEqual(contents(damaged));
  });
});

describe('a pool of threads', () => {
  it('fails where its threads cannot start, and does not start them for ever', async () => {
    const threads = startedThreads();
    const module = join(folderOf({ 'reader.mjs': 'process.exit(5)' }), 'reader.mjs');
    const lost = pipeline({ ...faulty(items, {}), reader: { module } }, { batchSize: 8, workers: 2 }).pipe(
      randomResizedCrop(8),
    );
    await expect(collect(lost)).rejects.toMatchObject({
      name: 'BackendError',
      code: 'WORKER_DIED',
      message: expect.stringContaining('worker exited with code: 5'),
    });
    expect(threads.length).toBeLessThan(12);
  });

  it('replaces threads that die while they start', async () => {
    let started = 0;
    const kill = (thread: Worker) => {
      if (++started < 3) void thread.terminate();
    };
    process.on('worker', kill);
    onTestFinished(() => {
      process.off('worker', kill);
    });
    expect(await everything({}, { workers: 1 })).toEqual(await everything({}, { workers: 0 }));
    expect(started).toBe(3);
  });

  it('is closed in spite of a stuck thread, without a limit too', async () => {
    const { run } = stream({ 0: { effect: 'loops' } }, { shuffle: false, sampleTimeoutMs: Infinity });
    const next = run[Symbol.asyncIterator]().next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await run.close();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe('a thread that works', () => {
  it('is not blamed while the calling thread is busy for longer than the limit', async () => {
    const threads = startedThreads();
    const { run, dataset } = stream({}, { sampleTimeoutMs: 150 });
    for await (const _ of run) {
      const end = performance.now() + 200;
      while (performance.now() < end);
    }
    expect(items.map((_, index) => dataset.reads(index))).toEqual(items.map(() => 1));
    expect(threads).toHaveLength(2);
  });
});

describe('an import', () => {
  it('loses no sample with a thread', async () => {
    const path = join(folderOf(), 'store');
    const dataset = faulty(items, { 3: { effect: 'exits', times: 1 }, 20: { effect: 'throws', times: 1 } });
    const { imported } = await importDataset(dataset, path, { workers: 2 });
    expect(imported).toBe(LENGTH);
    const written = store(path);
    expect(await datasetDigest(written)).toBe(await datasetDigest(dataset));
  });

  it('ends by the name of a sample that takes every thread with it', async () => {
    const dataset = faulty(items, { 3: { effect: 'exits' } });
    await expect(importDataset(dataset, join(folderOf(), 'store'), { workers: 2 })).rejects.toMatchObject({
      name: 'DataError',
      code: 'WORKER_DIED',
      sample: 'pattern-3',
    });
  });
});
