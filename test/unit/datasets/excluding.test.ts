import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dataset, datasetDigest } from '../../../src/datasets/dataset.ts';
import { excluding } from '../../../src/datasets/excluding.ts';
import { imageFolder } from '../../../src/datasets/folder/image-folder.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { openDataset } from '../../../src/datasets/opening/open-dataset.ts';
import { store } from '../../../src/datasets/store/store.ts';
import { mixup, pipeline, randomResizedCrop } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { photoFolder } from '../../support/photos.ts';
import { patternItems } from '../../support/raw-images.ts';
import { importTo } from '../../support/stores.ts';

const COUNT = 6;
const folder = () => photoFolder(COUNT);
const keysOf = ({ length, key }: Dataset) => Array.from({ length }, (_, index) => key(index));

/** Everything that a dataset and its stream promise, as comparable data. */
async function identityOf(dataset: Dataset) {
  const { length, classes, split } = dataset;
  const options = { batchSize: 3, workers: 0, seed: 4, epochs: 2, digest: true } as const;
  const digests: (string | undefined)[] = [];
  for await (const { digest } of pipeline(dataset, options).pipe(randomResizedCrop(8), mixup(0.2)))
    digests.push(digest);
  const labels = Array.from({ length }, (_, index) => dataset.label(index));
  return {
    ...{ length, classes, split, labels, digests },
    keys: keysOf(dataset),
    digest: await datasetDigest(dataset),
  };
}

/** A copy of the folder in which these files were deleted. */
function folderWithout(root: string, keys: readonly string[]): string {
  const copy = folderOf();
  cpSync(root, copy, { recursive: true });
  for (const key of keys) rmSync(join(copy, key));
  return copy;
}

describe('a dataset without some of its samples', () => {
  it('has the stream, the order and the digest of a folder in which their files were deleted', async () => {
    const root = await folder();
    const keys = keysOf(imageFolder(root));
    const path = join(folderOf(), 'a.lmdb');
    await importTo(imageFolder(root), path);
    const deleted = fc.subarray(keys, { maxLength: COUNT - 1 });
    const same = async (unwanted: string[]) => {
      const expected = await identityOf(imageFolder(folderWithout(root, unwanted)));
      expect(await identityOf(excluding(imageFolder(root), unwanted))).toEqual(expected);
      expect(await identityOf(excluding(store(path), unwanted))).toEqual(expected);
    };
    await fc.assert(fc.asyncProperty(deleted, same), { numRuns: 15 });
  });

  it('is the same whether they are left out at once or one after the other', async () => {
    const dataset = images(patternItems(30));
    const subset = fc.subarray(keysOf(dataset).slice(0, 20));
    const same = async (first: string[], second: string[]) => {
      const twice = excluding(excluding(dataset, first), second);
      const once = excluding(dataset, [...first, ...second]);
      expect(keysOf(twice)).toEqual(keysOf(once));
      expect(await datasetDigest(twice)).toBe(await datasetDigest(once));
    };
    await fc.assert(fc.asyncProperty(subset, subset, same));
  });

  it('says how many are left out, and which keys no sample has', async () => {
    const left = excluding(imageFolder(await folder()), ['cat/1.jpg', 'cat/99.jpg', 'dog/2.jpg']);
    expect(left).toMatchObject({ length: 10, excluded: 2, unknownKeys: ['cat/99.jpg'] });
    expect(left.name).toMatch(/^excluding\(imageFolder\(.*\), 2\)$/);
  });

  it('keeps the places, the split and the variant of those that are left', async () => {
    const root = join(folderOf(), 'train');
    cpSync(await folder(), root, { recursive: true });
    const left = excluding(await openDataset(root), ['cat/0.jpg']);
    expect(left).toMatchObject({ split: 'train' });
    expect(left.place?.(0)).toEqual({ path: join(root, 'cat/1.jpg') });
    const dataset = { ...images(patternItems(9)), variant: 'smaller' };
    expect(excluding(dataset, ['pattern-1'])).toMatchObject({ variant: 'smaller' });
    expect(excluding(dataset, ['pattern-1']).place).toBeUndefined();
  });

  it('takes one key for a mistake: a string would be taken letter by letter', async () => {
    const data = imageFolder(await folder());
    expect(() => excluding(data, 'cat/1.jpg')).toThrow("expected a list of keys, such as ['cat/1.jpg']");
  });

  it('takes records for a mistake: no sample has one as its key, so none would be left out', async () => {
    const data = imageFolder(await folder());
    const records = [{ key: 'cat/1.jpg', code: 'TRUNCATED' }] as unknown as string[];
    expect(() => excluding(data, records)).toThrow('keys must be strings, got an object with key, code');
  });

  it('must keep a sample of each class, as a folder of images must', async () => {
    const root = await folder();
    const cats = keysOf(imageFolder(root)).filter((key) => key.startsWith('cat/'));
    const refused = { name: 'DataError', code: 'EMPTY_CLASS', message: expect.stringContaining('cat') };
    expect(() => excluding(imageFolder(root), cats)).toThrow(expect.objectContaining(refused));
    expect(() => imageFolder(folderWithout(root, cats))).toThrow(expect.objectContaining(refused));
    expect(() => excluding(imageFolder(root), keysOf(imageFolder(root)))).toThrow(
      expect.objectContaining({ name: 'DataError', code: 'NOTHING_LEFT' }),
    );
  });
});
