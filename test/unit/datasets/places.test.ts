import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Dataset, SamplePlace, Source } from '../../../src/datasets/dataset.ts';
import { imageFiles } from '../../../src/datasets/folder/image-files.ts';
import { imageFolder } from '../../../src/datasets/folder/image-folder.ts';
import { idxImages } from '../../../src/datasets/idx/idx.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { store } from '../../../src/datasets/store/store.ts';
import { webDataset } from '../../../src/datasets/tar/web-dataset.ts';
import { folderOf } from '../../support/folders.ts';
import { idxFiles } from '../../support/idx.ts';
import { photoFolder } from '../../support/photos.ts';
import { patternItems } from '../../support/raw-images.ts';
import { importTo, sourcesOf } from '../../support/stores.ts';
import { tarOf } from '../../support/tar.ts';

const placesOf = (dataset: Dataset): SamplePlace[] =>
  Array.from({ length: dataset.length }, (_, index) => dataset.place?.(index) as SamplePlace);

/** Expects at each place what the dataset's reader gives of the sample. */
async function expectSourcesThere(dataset: Dataset, bytesOf: (source: Source) => Buffer): Promise<void> {
  const places = placesOf(dataset);
  for (const [index, { source }] of (await sourcesOf(dataset)).entries()) {
    const { path, offset = 0 } = places[index] as SamplePlace;
    const stored = readFileSync(path);
    const file = path.endsWith('.gz') ? gunzipSync(stored) : stored;
    const expected = bytesOf(source);
    expect(file.subarray(offset, offset + expected.length)).toEqual(expected);
  }
}

const file = (source: Source) => source as Buffer;
/** Of a gray image, which the reader gives as RGB. */
const gray = (source: Source) =>
  Buffer.from((source as { data: Uint8Array }).data.filter((_, i) => i % 3 === 0));

describe("a sample's place", () => {
  it('is its file, in a folder and in a list of files', async () => {
    const root = await photoFolder(2);
    await expectSourcesThere(imageFolder(root), file);
    await expectSourcesThere(imageFiles([join(root, 'dog/1.jpg'), join(root, 'cat/0.jpg')]), file);
  });

  it('is an offset in a shard', async () => {
    const shard = (names: readonly string[]) =>
      tarOf(
        names.flatMap((name) => [
          { name: `${name}.jpg`, data: `image ${name}` },
          { name: `${name}.cls`, data: '0' },
        ]),
      );
    const root = folderOf({ 'a.tar': shard(['1', '22']), 'b.tar': shard(['333', '4']) });
    await expectSourcesThere(await webDataset(root), file);
    expect(placesOf(await webDataset(root)).map(({ path }) => path.slice(-5))).toEqual([
      'a.tar',
      'a.tar',
      'b.tar',
      'b.tar',
    ]);
  });

  it('is an offset in an IDX file, in what it unpacks to where it is gzipped', async () => {
    const files = idxFiles('train', 5);
    await expectSourcesThere(idxImages(folderOf(files)), gray);
    const packed = Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)] as const);
    await expectSourcesThere(idxImages(folderOf(Object.fromEntries(packed))), gray);
  });

  it('is its number in a store', async () => {
    const path = join(folderOf(), 'a.lmdb');
    await importTo(imageFolder(await photoFolder(2)), path);
    expect(placesOf(store(path))).toEqual([0, 1, 2, 3].map((record) => ({ path, record })));
  });

  it('is nowhere for an image in memory', () => {
    expect(images(patternItems(2)).place).toBeUndefined();
  });
});

describe("a dataset's split", () => {
  it('is what its folder or file is named after', async () => {
    const root = await photoFolder(1);
    expect(imageFolder(root).split).toBeUndefined();
    const path = join(folderOf(), 'val.lmdb');
    await importTo(imageFolder(root), path);
    expect(store(path).split).toBe('val');
    const both = folderOf({ 'train/a/1.jpg': '', 'val/a/1.jpg': '' });
    expect(imageFolder(both).split).toBe('train');
    expect(imageFolder(both, { split: 'val' }).split).toBe('val');
    expect(imageFolder(join(both, 'val')).split).toBe('val');
    const digits = folderOf({ ...idxFiles('train', 3), ...idxFiles('t10k', 3) });
    expect(idxImages(digits).split).toBe('train');
    expect(idxImages(digits, { split: 'val' }).split).toBe('val');
  });
});
