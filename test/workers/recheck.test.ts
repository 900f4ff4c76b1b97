import { expect, it } from 'vitest';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { recheck } from '../../src/quarantine/recheck.ts';
import { recordOf } from '../support/quarantine.ts';

/** A dataset without a split, of which reading `killer` ends the thread. */
function deadly(keys: readonly string[]): Dataset {
  const source = `
    const data = new Uint8Array(12);
    export const openReader = () => ({
      read: async (key) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (key === 'killer') process.exit(1);
        return { width: 2, height: key === 'bad' ? 0 : 2, data };
      },
      close() {},
    });`;
  return {
    ...{ name: 'deadly', length: keys.length, classes: ['a'], label: () => 0 },
    key: (index) => keys[index] as string,
    locator: (index) => keys[index],
    byteLength: async () => 12,
    reader: { module: `data:text/javascript,${encodeURIComponent(source)}` },
  };
}

it('a sample that ends its thread is bad, and those that others had in hand at the time are tried again', async () => {
  const keys = ['a', 'b', 'killer', 'c', 'bad', 'd', 'e', 'f'];
  const records = [...keys, 'missing'].map((key) => recordOf(key));
  const done: number[] = [];
  const options = { workers: 2, onProgress: (count: number) => done.push(count) };
  const rechecked = await recheck(records, [deadly(keys)], options);
  expect(rechecked.map(({ record }) => record)).toEqual(records);
  const verdicts = Object.fromEntries(rechecked.map(({ record, verdict }) => [record.key, verdict]));
  const good = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, 'good']));
  expect(verdicts).toEqual({ ...good, killer: 'bad', bad: 'bad', missing: 'gone' });
  const failures = rechecked.flatMap(({ failure }) => failure?.code ?? []);
  expect(failures).toEqual(['WORKER_DIED', 'INVALID_IMAGE']);
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

it('ends at once where it is interrupted', async () => {
  const controller = new AbortController();
  const keys = Array.from({ length: 200 }, (_, i) => `sample ${i}`);
  const onProgress = () => controller.abort(new Error('interrupted'));
  const running = recheck(
    keys.map((key) => recordOf(key)),
    [deadly(keys)],
    { workers: 1, signal: controller.signal, onProgress },
  );
  await expect(running).rejects.toThrow('interrupted');
});

it('tries nothing where it was interrupted before', async () => {
  const done: number[] = [];
  const signal = AbortSignal.abort(new Error('interrupted'));
  const options = { workers: 1, signal, onProgress: (count: number) => done.push(count) };
  await expect(recheck([recordOf('a')], [deadly(['a'])], options)).rejects.toThrow('interrupted');
  expect(done).toEqual([]);
});
