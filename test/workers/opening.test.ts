import { lastValueFrom, map, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ThreadPool } from '../../backends/threads/thread-pool.ts';
import { noTimes } from '../../src/engine/rows/task.ts';
import { defineOperator, images, pipeline, randomResizedCrop } from '../../src/index.ts';
import { patternItems } from '../support/raw-images.ts';
import { collect } from '../support/streams.ts';

const dataset = images(patternItems(12));
const tint = new URL('../support/tint.js', import.meta.url).href;
const nowhere = 'file:///no/such/module.js';
const operator = (module: string) =>
  defineOperator({ name: 'lost', module, parameters: {}, lower: () => [] })();

describe.each([0, 2])(
  'with %s worker threads, an error of opening keeps its class and says what it is',
  (workers) => {
    const options = { batchSize: 4, workers };

    it('where an operator is not exported by the module it names', async () => {
      const stream = pipeline(dataset, options).pipe(randomResizedCrop(8), operator(tint));
      await expect(collect(stream)).rejects.toMatchObject({
        name: 'ParameterError',
        code: 'OPERATOR_NOT_EXPORTED',
        message: expect.stringContaining('exports no operator of this name'),
      });
    });

    it("where an operator's or a dataset's module does not exist", async () => {
      const expected = {
        name: 'BackendError',
        code: 'OPEN_FAILED',
        message: expect.stringContaining('/no/such/module.js'),
      };
      const lost = pipeline(dataset, options).pipe(randomResizedCrop(8), operator(nowhere));
      await expect(collect(lost)).rejects.toMatchObject(expected);
      const closed = pipeline({ ...dataset, reader: { module: nowhere } }, options).pipe(
        randomResizedCrop(8),
      );
      await expect(collect(closed)).rejects.toMatchObject(expected);
    });
  },
);

it('opens no reader, which nobody would close, on the calling thread where an operator cannot be found', async () => {
  const counting = 'globalThis.opened = 0; export const openReader = () => { globalThis.opened++; };';
  const reader = { module: `data:text/javascript,${counting}` };
  const lost = pipeline({ ...dataset, reader }, { workers: 0 }).pipe(randomResizedCrop(8), operator(nowhere));
  await expect(collect(lost)).rejects.toMatchObject({ code: 'OPEN_FAILED' });
  expect((globalThis as { opened?: number }).opened ?? 0).toBe(0);
});

it('what cannot be cloned, and so not be sent to a thread, ends the stream and not the process', async () => {
  const error = { name: 'BackendError', message: expect.stringContaining('could not be cloned') };
  const cropped = (faulty: typeof dataset) => pipeline(faulty, { workers: 1 }).pipe(randomResizedCrop(8));
  const withOptions = cropped({ ...dataset, reader: { ...dataset.reader, options: { wait: () => {} } } });
  const listeners = process.listenerCount('exit');
  await expect(collect(withOptions)).rejects.toMatchObject({ ...error, code: 'OPEN_FAILED' });
  expect(process.listenerCount('exit')).toBe(listeners);
  const withLocators = cropped({ ...dataset, locator: () => () => {} });
  await expect(collect(withLocators)).rejects.toMatchObject({ ...error, code: 'TASK_NOT_SENT' });
});

describe('a run', () => {
  const stream = (workers = 1) =>
    pipeline(dataset, { batchSize: 4, workers, epochs: Infinity }).pipe(randomResizedCrop(8));

  it.each([0, 2])('delivers nothing after close, with %s worker threads', async (workers) => {
    const source = stream(workers);
    const batches = source[Symbol.asyncIterator]();
    expect((await batches.next()).value?.index).toBe(0);
    const next = batches.next();
    await source.close();
    await source.close();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  it('keeps its statistics after the end', async () => {
    const source = pipeline(dataset, { batchSize: 5, workers: 1, epochs: 2 }).pipe(randomResizedCrop(8));
    await collect(source);
    expect(source.statistics).toMatchObject({ batches: 6, images: 24, substitutions: 0, dropped: 0 });
    expect(source.statistics?.memoryBound.slots).toBe(3);
    const { read, draw, decode, transform, finish } = source.statistics?.stages ?? noTimes();
    expect(Math.min(read, draw, decode, transform, finish)).toBeGreaterThan(0);
  });

  it('ends where take(1) unsubscribes inside next, and a new one begins at the first batch', async () => {
    const source = stream();
    for (let i = 0; i < 3; i++) {
      const index = source.pipe(
        map((batch) => batch.index),
        take(1),
      );
      expect(await lastValueFrom(index)).toBe(0);
    }
  });

  it('goes on where batches are released before the next one is asked for', async () => {
    const source = stream(0);
    const batches = source[Symbol.asyncIterator]();
    const seen: number[] = [];
    for (let i = 0; i < 12; i++) {
      const { value } = await batches.next();
      value?.release();
      seen.push(value?.index ?? -1);
    }
    await source.close();
    expect(seen).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });
});

it('a closed pool of threads refuses tasks', async () => {
  const pool = new ThreadPool({
    worker: new URL('../../src/engine/rows/worker.js', import.meta.url),
    threads: 1,
    setup: undefined,
    itemTimeoutMs: 1000,
    nameOf: String,
  });
  await pool.close();
  await expect(pool.run({})).rejects.toMatchObject({ name: 'BackendError', code: 'CLOSED' });
});
