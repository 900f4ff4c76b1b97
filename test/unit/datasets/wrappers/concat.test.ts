import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  concat,
  type Dataset,
  datasetDigest,
  imageFolder,
  images,
  pipeline,
  randomResizedCrop,
  store,
} from '../../../../src/index.ts';
import { folderOf } from '../../../support/folders.ts';
import { keysOf, labelled, labelsOf } from '../../../support/labelled.ts';
import { photoFolder } from '../../../support/photos.ts';
import { patternItems } from '../../../support/raw-images.ts';
import { importTo } from '../../../support/stores.ts';
import { collect } from '../../../support/streams.ts';

describe('concat', () => {
  it('unites classes by name, and has the samples one after the other', () => {
    const all = concat([
      labelled(3, (i) => i % 2, ['cat', 'dog']),
      { ...labelled(2, (i) => i, ['cow', 'cat']), key: (i: number) => `b${i}` },
    ]);
    expect(all.classes).toEqual(['cat', 'dog', 'cow']);
    expect(keysOf(all)).toEqual(['0/0', '1/1', '0/2', 'b0', 'b1']);
    expect(labelsOf(all)).toEqual([0, 1, 0, 2, 0]);
    expect(all.labels).toBeUndefined();
  });

  it('gives samples of one label a list of it where others have several', () => {
    const several = labelled(2, (i) => [[0, 1], []][i] ?? [], ['dog', 'cat']);
    const all = concat([labelled(2, (i) => i - 1, ['cat']), several], { prefixes: ['a', 'b'] });
    expect([0, 1, 2, 3].map((i) => all.labels?.(i))).toEqual([[], [0], [0, 1], []]);
    expect(labelsOf(all)).toEqual([-1, 0, 0, -1]);
  });

  it('names a key that two of them have, and tells them apart by prefixes', () => {
    const [a, b] = [labelled(3, () => 0), labelled(2, () => 0)];
    expect(() => concat([a, b])).toThrow(
      expect.objectContaining({
        code: 'DUPLICATE_KEY',
        message: expect.stringContaining(
          'the key 0/0 is in labelled(3) (sample 0) and in labelled(2) (sample 3)',
        ),
      }),
    );
    expect(keysOf(concat([a, b], { prefixes: ['x', 'y'] }))).toEqual([
      'x/0/0',
      'x/0/1',
      'x/0/2',
      'y/0/0',
      'y/0/1',
    ]);
    expect(() => concat([a, b], { prefixes: ['x', 'x'] })).toThrow('2 different prefixes');
    const [nested, plain] = [labelled(1, () => 0), labelled(1, () => 0)];
    const within = { ...nested, key: () => 'b/0/0' };
    expect(() => concat([within, plain], { prefixes: ['a', 'a/b'] })).toThrow('the key a/b/0/0 is in');
    expect(concat([plain, plain], { prefixes: ['a', 'a/b'] }).length).toBe(2);
    expect(() => concat([])).toThrow('expected a list of datasets');
  });

  it('reads each sample by its dataset’s own reader, on threads too', async () => {
    const folder = await photoFolder(2);
    const path = join(folderOf(), 'all.lmdb');
    await importTo(imageFolder(folder), path);
    const parts: Dataset[] = [images(patternItems(3)), imageFolder(folder), store(path)];
    const all = concat(parts, { prefixes: ['memory', 'folder', 'store'] });
    const batches = (workers: number) =>
      collect(pipeline(all, { batchSize: 4, workers, seed: 1, digest: true }).pipe(randomResizedCrop(8)));
    const [alone, threads] = [await batches(0), await batches(2)];
    expect(alone.flatMap(({ keys }) => keys).length).toBe(all.length);
    expect(threads.at(-1)?.digest).toBe(alone.at(-1)?.digest);
    expect(await datasetDigest(all)).toMatch(/^[0-9a-f]{64}$/);
  });
});
