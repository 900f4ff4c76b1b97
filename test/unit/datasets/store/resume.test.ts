import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imageFolder } from '../../../../src/datasets/folder/image-folder.ts';
import { type ImageItem, images } from '../../../../src/datasets/memory/images.ts';
import { store } from '../../../../src/datasets/store/store.ts';
import { folderOf } from '../../../support/folders.ts';
import { photo, photoFolder } from '../../../support/photos.ts';
import { patternItems } from '../../../support/raw-images.ts';
import { importTo, storeContents } from '../../../support/stores.ts';

// 256 samples a transaction
const items = patternItems(1500);
const dataset = images(items);
const target = () => join(folderOf(), 'a.lmdb');
const code = (name: string) => expect.objectContaining({ code: name });

/** Imports until `transactions` are written, then aborts. Gives how many samples are in the store. */
async function importPart(path: string, transactions: number, workers = 1): Promise<number> {
  const controller = new AbortController();
  let calls = 0;
  const onProgress = () => {
    if (calls++ === transactions) controller.abort(new Error('stop'));
  };
  const importing = importTo(dataset, path, { workers, signal: controller.signal, onProgress });
  await expect(importing).rejects.toThrow('stop');
  return (await storeContents(path)).progress.imported;
}

describe('an import that was aborted', () => {
  it('keeps what was written and, run again, gives the same store as one without a stop', async () => {
    const whole = target();
    await importTo(dataset, whole);
    const expected = await storeContents(whole);
    for (const transactions of [0, 1, 2, 4, 5]) {
      const path = target();
      expect(await importPart(path, transactions, 1 + (transactions % 3))).toBe(transactions * 256);
      const report = await importTo(dataset, path, { workers: 2 });
      expect(report).toMatchObject({ alreadyThere: transactions * 256, imported: 1500 });
      expect(await storeContents(path)).toEqual(expected);
    }
  });

  it('can be aborted again and again', async () => {
    const path = target();
    for (const imported of [256, 512, 768, 1024, 1280]) expect(await importPart(path, 1)).toBe(imported);
    expect(await importTo(dataset, path)).toMatchObject({ alreadyThere: 1280, imported: 1500 });
  });

  it('gives no dataset until it is complete', async () => {
    const path = target();
    await importPart(path, 2);
    expect(() => store(path)).toThrow(code('STORE_INCOMPLETE'));
    expect(() => store(path)).toThrow(
      /512 of 1500 samples are imported; run millrace import images\(1500\) /,
    );
    expect(await importTo(dataset, path)).toMatchObject({ alreadyThere: 512 });
    expect(store(path).length).toBe(1500);
  });

  it('gives what is there when asked for it', async () => {
    const path = target();
    await importPart(path, 2);
    expect(store(path, { allowIncomplete: true }).length).toBe(512);
  });

  it('does not go on with a source whose samples differ by now', async () => {
    const changes: Record<string, (item: ImageItem) => ImageItem> = {
      key: (item) => ({ ...item, key: 'another' }),
      label: (item) => ({ ...item, label: 4 }),
      bytes: (item) => ({ ...item, image: new Uint8Array(7) }),
    };
    const path = target();
    await importPart(path, 1);
    for (const change of Object.values(changes)) {
      const changed = images(items.map((item, i) => (i === 100 ? change(item) : item)));
      await expect(importTo(changed, path)).rejects.toThrow(code('STORE_EXISTS'));
      await expect(importTo(changed, path)).rejects.toThrow(/sample 100: pattern-100 of class 0 /);
    }
    await expect(importTo(images(items.slice(1)), path)).rejects.toThrow(
      /length: 1500 in the store, 1499 now/,
    );
    expect(await importTo(dataset, path)).toMatchObject({ alreadyThere: 256, imported: 1500 });
  });

  it('does not go on with other options', async () => {
    const path = target();
    await importPart(path, 1);
    const reduction = { maxSide: 10, quality: 90 };
    await expect(importTo(dataset, path, { reduction })).rejects.toThrow(code('STORE_EXISTS'));
    await expect(importTo(images(items, { classes: ['a', 'b', 'c', 'd', 'e'] }), path)).rejects.toThrow(
      /classes: \["0","1","2","3","4"\] in the store, \["a","b","c","d","e"\] now/,
    );
  });
});

describe('an import of what is there already', () => {
  it('writes nothing', async () => {
    const [dataset, path] = [imageFolder(await photoFolder(5)), target()];
    const first = await importTo(dataset, path);
    const before = await storeContents(path);
    const again = await importTo(dataset, path);
    expect(again).toEqual({ ...first, alreadyThere: 10 });
    expect(await storeContents(path)).toEqual(before);
  });

  it('refuses a folder to which an image was added', async () => {
    const [folder, path] = [await photoFolder(3), target()];
    await importTo(imageFolder(folder), path);
    writeFileSync(join(folder, 'dog/9.jpg'), await photo(9));
    await expect(importTo(imageFolder(folder), path)).rejects.toThrow(code('STORE_EXISTS'));
    mkdirSync(join(folder, 'eel'));
    writeFileSync(join(folder, 'eel/1.jpg'), await photo(10));
    await expect(importTo(imageFolder(folder), path)).rejects.toThrow(
      /classes: \["cat","dog"\] in the store/,
    );
    expect(store(path).length).toBe(6);
  });

  it('refuses a folder in which an image was exchanged for one of another length', async () => {
    const [folder, path] = [await photoFolder(3), target()];
    await importTo(imageFolder(folder), path);
    writeFileSync(join(folder, 'cat/1.jpg'), await photo(77));
    await expect(importTo(imageFolder(folder), path)).rejects.toThrow(/sample 1: cat\/1\.jpg/);
  });
});
