import { bufferCount, filter, lastValueFrom, map, take, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  type Batch,
  copied,
  images,
  type PipelineOptions,
  pipeline,
  randomResizedCrop,
} from '../../src/index.ts';
import { script } from '../support/processes.ts';
import { patternItems } from '../support/raw-images.ts';
import { collect } from '../support/streams.ts';
import { endThread } from '../support/tint.ts';

const dataset = images(patternItems(24));
const cropped = (options: PipelineOptions = {}) =>
  pipeline(dataset, { batchSize: 4, workers: 1, ...options }).pipe(randomResizedCrop(8));
/** Until what is waited for counts as missing. */
const PATIENCE = { timeout: 60_000 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a pipeline', () => {
  it('can be left in the middle of a loop and iterated again', async () => {
    const source = cropped();
    for await (const batch of source) {
      expect(batch.index).toBe(0);
      break;
    }
    expect(await collect(source)).toHaveLength(6);
  });

  it('holds no more batches than it has slots, however slow the consumer is', async () => {
    const source = cropped({ prefetch: 1, epochs: 3 });
    const held: Batch[] = [];
    const subscription = source.subscribe((batch) => held.push(batch));
    await vi.waitFor(() => expect(held.length).toBeGreaterThanOrEqual(2), PATIENCE);
    await pause(500);
    expect(held).toHaveLength(2);
    held[0]?.release();
    held[0]?.release();
    await vi.waitFor(() => expect(held.length).toBeGreaterThanOrEqual(3), PATIENCE);
    await pause(300);
    expect(held).toHaveLength(3);
    subscription.unsubscribe();
    await source.close();
  });

  it('says so when all slots are held and none is released', async () => {
    const warning = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve));
    const source = cropped({ prefetch: 1 });
    source.subscribe(() => {});
    const { code, message } = await warning;
    expect(code).toBe('MILLRACE_SLOTS_HELD');
    expect(message).toContain('batch.release()');
    await source.close();
  });

  it.each([0, 1])(
    'ends with an error where the process has nothing else to do (%i workers)',
    async (workers) => {
      const { code, stdout, stderr } = await script(`
      const image = { data: new Uint8Array(300), width: 10, height: 10 };
      const source = millrace.images(Array.from({ length: 40 }, () => ({ image })));
      const stream = millrace.pipeline(source, { batchSize: 4, workers: ${workers}, prefetch: 1 });
      stream.pipe(millrace.randomResizedCrop(8)).subscribe({
        next: (batch) => console.log(batch.index),
        complete: () => console.log('complete'),
        error: ({ name, code }) => { console.log(name, code); process.exitCode = 3; },
      });`);
      expect({ code, stdout, stderr }).toEqual({
        code: 3,
        stdout: '0\n1\nBackendError SLOTS_HELD\n',
        stderr: '',
      });
    },
  );

  it('waits for a consumer that releases its batches late', async () => {
    const { code, stdout, stderr } = await script(`
      const image = { data: new Uint8Array(300), width: 10, height: 10 };
      const source = millrace.images(Array.from({ length: 12 }, () => ({ image })));
      const stream = millrace.pipeline(source, { batchSize: 4, workers: 1, prefetch: 1 });
      stream.pipe(millrace.randomResizedCrop(8)).subscribe({
        next: (batch) => setTimeout(() => batch.release(), 300),
        complete: () => console.log('complete'),
      });`);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'complete\n', stderr: '' });
  });

  it('works with RxJS operators that keep batches after copied()', async () => {
    const pairs = cropped().pipe(
      copied(),
      filter((batch) => batch.index % 2 === 0),
      map((batch) => batch.labels.length),
      bufferCount(3),
      toArray(),
    );
    expect(await lastValueFrom(pairs)).toEqual([[4, 4, 4]]);
  });

  it('ends its run when an observer has taken enough', async () => {
    const source = cropped({ epochs: Number.POSITIVE_INFINITY });
    const indices = source.pipe(
      copied(),
      map((batch) => batch.index),
      take(8),
      toArray(),
    );
    expect(await lastValueFrom(indices)).toEqual([0, 1, 2, 3, 4, 5, 0, 1]);
  });

  it('stops with the reason of its AbortSignal, as a loop and as an Observable', async () => {
    const loop = async () => {
      const controller = new AbortController();
      for await (const batch of cropped({ signal: controller.signal })) {
        if (batch.index === 1) controller.abort(new Error('enough'));
      }
    };
    await expect(loop()).rejects.toThrow('enough');
    const signal = AbortSignal.abort(new Error('never begun'));
    await expect(lastValueFrom(cropped({ signal }).pipe(copied()))).rejects.toThrow('never begun');
  });

  it('ends all its runs on close', async () => {
    const source = cropped({ epochs: Number.POSITIVE_INFINITY });
    let batches = 0;
    const done = (async () => {
      for await (const _ of source) if (++batches === 3) void source.close();
    })();
    await done;
    expect(batches).toBe(3);
  });

  it('reports the sample that its worker threads die of, and does not hang', async () => {
    const options = { batchSize: 4, workers: 2, shuffle: false };
    const source = pipeline(dataset, options).pipe(randomResizedCrop(8), endThread());
    await expect(collect(source)).rejects.toMatchObject({
      name: 'DataError',
      code: 'WORKER_DIED',
      sample: 'pattern-0',
    });
  });

  it('refuses the images of a batch that was released, by each way to them', async () => {
    const kept: Batch[] = [];
    for await (const batch of cropped()) {
      const copy = batch.copy();
      expect(copy.images).toEqual(batch.images);
      kept.push(batch, copy);
    }
    const [batch, copy] = kept as [Batch, Batch];
    expect(copy.images).toHaveLength(4 * 8 * 8 * 3);
    const refusal = {
      name: 'BackendError',
      code: 'BATCH_RELEASED',
      message: expect.stringContaining('copied()'),
    };
    expect(() => batch.images).toThrow(expect.objectContaining(refusal));
    expect(() => batch.buffer).toThrow(expect.objectContaining(refusal));
    expect(() => batch.copy()).toThrow(expect.objectContaining(refusal));
    await expect(batch.read()).rejects.toMatchObject(refusal);
    // its images are nobody else's
    copy.release();
    expect(copy.images).toHaveLength(4 * 8 * 8 * 3);
  });

  it('keeps what a batch owns after release: labels, ids and keys', async () => {
    const batches: Batch[] = [];
    for await (const batch of cropped({ shuffle: false })) batches.push(batch);
    expect(batches.flatMap((batch) => [...batch.ids])).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(batches.flatMap((batch) => batch.keys)).toEqual(patternItems(24).map((item) => item.key));
  });
});
