import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { datasetDigest } from '../../src/datasets/dataset.ts';
import { autoAugment, mixup, type PipelineOptions, pipeline, randomResizedCrop } from '../../src/index.ts';
import { importDataset } from '../../src/store/import.ts';
import { store } from '../../src/store/store.ts';
import { type Effect, type Fault, faulty } from '../support/faults.ts';
import { folderOf } from '../support/folders.ts';
import { script } from '../support/processes.ts';
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

const importOf = (name: string, file: string) =>
  `const { ${name} } = await import('${new URL(`../support/${file}.js`, import.meta.url)}');`;
const inScript = importOf('faulty', 'faults') + importOf('patternItems', 'raw-images');

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

const deadly: readonly Effect[] = ['exits', 'throws', 'runs out of memory'];
const endless: readonly Effect[] = ['loops', 'waits'];
const codeOf = (effect: Effect) => (deadly.includes(effect) ? 'WORKER_DIED' : 'TIMED_OUT');

describe('a worker thread that is lost once', () => {
  it.each([...deadly, ...endless])(
    'costs no sample and leaves the digest as it was, where its sample %s',
    async (effect) => {
      const faults = { 7: { effect, times: 1 } };
      expect(await everything(faults)).toEqual(await everything({}, { workers: 0 }));
    },
  );

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

  it('costs no sample whenever it is killed', async () => {
    const options = { epochs: 30, workers: 2, sampleTimeoutMs: 60_000 };
    const expected = await everything({}, options, 0.2);
    const threads = startedThreads();
    let kills = 0;
    const killer = setInterval(
      () => {
        void threads[Math.floor(Math.random() * threads.length)]?.terminate();
        kills++;
      },
      20 + Math.random() * 20,
    );
    const seen = await everything({}, options, 0.2).finally(() => clearInterval(killer));
    expect(kills).toBeGreaterThan(3);
    expect(threads.length).toBeGreaterThan(2);
    expect(seen).toEqual(expected);
  });
});

describe('a sample that takes every thread with it', () => {
  it.each([...deadly, ...endless])('ends the stream by its name, where it %s', async (effect) => {
    const { run, dataset } = stream({ 11: { effect } });
    await expect(collect(run)).rejects.toMatchObject({
      name: 'DataError',
      code: codeOf(effect),
      sample: 'pattern-11',
      message: expect.stringMatching(/^pattern-11: tried 2 times, the last: /),
    });
    expect(dataset.reads(11)).toBe(2);
  });

  it('says what its thread died of, or how long it was given', async () => {
    const messageOf = async (effect: Effect) =>
      collect(stream({ 0: { effect } }).run).catch(({ message }: Error) => message);
    expect(await messageOf('exits')).toContain('its thread ended: worker exited with code: 3');
    expect(await messageOf('throws')).toContain('its thread ended: a stray error');
    expect(await messageOf('runs out of memory')).toContain('reaching memory limit');
    expect(await messageOf('loops')).toContain('not done after 0.25 s');
  });

  it.each([
    [0, 'exits'],
    [0.2, 'exits'],
    [0.2, 'loops'],
  ] as const)(
    'is replaced as any bad sample is, and no other sample is blamed: mixup alpha %s, where it %s',
    async (alpha, effect) => {
      const bad = effect === 'loops' ? [3, 30] : [2, 3, 19, 30];
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

  it('is closed in spite of a stuck thread', async () => {
    const { run } = stream({ 0: { effect: 'loops' } }, { shuffle: false, sampleTimeoutMs: 300 });
    const next = run[Symbol.asyncIterator]().next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await run.close();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe('a thread that works', () => {
  it('is not blamed while the calling thread is busy for longer than the limit', async () => {
    const threads = startedThreads();
    const { run, dataset } = stream({}, { sampleTimeoutMs: 40, batchSize: 4 });
    for await (const _ of run) {
      const end = performance.now() + 130;
      while (performance.now() < end);
    }
    expect(items.map((_, index) => dataset.reads(index))).toEqual(items.map(() => 1));
    expect(threads).toHaveLength(2);
  });

  it('is not blamed for the time in which the process was suspended', async () => {
    const text = `
      ${inScript}
      let threads = 0;
      process.on('worker', () => threads++);
      const dataset = faulty(patternItems(20), {});
      const options = { batchSize: 4, workers: 2, sampleTimeoutMs: 500, epochs: 4 };
      const stream = millrace.pipeline(dataset, options).pipe(millrace.randomResizedCrop(8), support.slowAtTimes());
      for await (const { index } of stream) console.log(index);
      console.log(threads, Array.from({ length: 20 }, (_, index) => dataset.reads(index)).every((reads) => reads === 4));`;
    const suspend = (line: string, pid: number) => {
      if (line !== '1') return;
      process.kill(pid, 'SIGSTOP');
      setTimeout(() => process.kill(pid, 'SIGCONT'), 800);
    };
    const { stdout, stderr, code } = await script(text, { onLine: suspend });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout.trim().split('\n').at(-1)).toBe('2 true');
  });
});

describe('a thread that a system call holds', () => {
  it('ends the stream by the name of its sample, and the process in spite of it', async () => {
    const path = join(folderOf(), 'pipe');
    execFileSync('mkfifo', [path]);
    const text = `
      ${inScript}
      const dataset = faulty(patternItems(8), { 6: { effect: 'reads a pipe', path: ${JSON.stringify(path)} } });
      const options = { batchSize: 4, workers: 2, sampleTimeoutMs: 100, shuffle: false };
      const stream = millrace.pipeline(dataset, options).pipe(millrace.randomResizedCrop(8));
      try { for await (const { index } of stream) console.log(index); }
      catch ({ name, code, sample }) { console.log(name, code, sample); }`;
    const { stdout, stderr, isAlone, lingeredMs } = await script(text);
    expect(stdout).toBe('0\nBackendError WORKER_STUCK pattern-6\n');
    expect(stderr).toContain('MILLRACE_THREAD_STUCK');
    expect(isAlone).toBe(true);
    expect(lingeredMs).toBeLessThan(2000);
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
