import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { RawImage } from '../../src/core/image.ts';
import { openReader } from '../../src/datasets/dataset.ts';
import { splitsOf } from '../../src/datasets/opening/open-dataset.ts';
import {
  caffeLmdb,
  DataError,
  type Dataset,
  datasetDigest,
  imageFolder,
  openDataset,
} from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';

const golden: Readonly<Record<string, { readonly file: string; readonly samples: string }>> = JSON.parse(
  readFileSync('test/golden/caffe.json', 'utf8'),
);
const bytesOf = (name: string): Buffer => gunzipSync(Buffer.from(golden[name]?.file as string, 'base64'));
const folder = (bytes: Buffer): string => folderOf({ 'data.mdb': bytes });

/** Each sample as it is read: an encoded image, or RGB pixels. */
async function readAll(dataset: Dataset): Promise<Uint8Array[]> {
  const reader = await openReader(dataset.reader);
  const images: Uint8Array[] = [];
  for (let i = 0; i < dataset.length; i++) {
    const source = await reader.read(dataset.locator(i));
    images.push(Uint8Array.from(Buffer.isBuffer(source) ? source : (source as RawImage).data));
  }
  await reader.close();
  return images;
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** What the script lists; `stored` turns what is read into what is in the file. */
async function listing(
  dataset: Dataset,
  keyOf: (i: number) => string,
  stored = (image: Uint8Array) => image,
) {
  const images = await readAll(dataset);
  return sha256(
    images.map((image, i) => `${keyOf(i)} ${sha256(stored(image))} ${dataset.label(i)}\n`).join(''),
  );
}

describe("Caffe's LMDBs", () => {
  it('give encoded images, in the order of their keys', async () => {
    const dataset = await openDataset(folder(bytesOf('encoded')));
    expect(dataset.key(4)).toBe('cat/4.jpg');
    const number = (i: number) => String(i).padStart(8, '0');
    expect(await listing(dataset, (i) => `${number(i)}_${dataset.key(i)}`)).toBe(golden['encoded']?.samples);
  });

  it('give the images of many pages, gray ones as RGB', async () => {
    const dataset = caffeLmdb(join(folder(bytesOf('many')), 'data.mdb'));
    expect([dataset.length, dataset.key(0), dataset.classes]).toEqual([600, 'xxxxxxxxx0', ['0', '1', '2']]);
    const number = (i: number) => String(i).padStart(8, '0');
    const gray = (rgb: Uint8Array) => rgb.filter((_, at) => at % 3 === 1);
    expect(await listing(dataset, (i) => `${number(i)}_${dataset.key(i)}`, gray)).toBe(
      golden['many']?.samples,
    );
  });

  it('give planes of blue, green and red as RGB, and keep keys that have no path', async () => {
    const dataset = caffeLmdb(folder(bytesOf('colour')));
    const planes = (rgb: Uint8Array) =>
      Uint8Array.from([2, 1, 0].flatMap((c) => [...rgb.filter((_, at) => at % 3 === c)]));
    expect(await listing(dataset, dataset.key, planes)).toBe(golden['colour']?.samples);
    expect(dataset.key(3)).toBe('00003');
    expect(await dataset.byteLength(0)).toBe(36);
  });

  it('have the digest of the folder of the same images', async () => {
    const dataset = caffeLmdb(folder(bytesOf('encoded')));
    const images = await readAll(dataset);
    const samples = images.map((image, i) => [dataset.key(i), image] as const);
    const files = imageFolder(folderOf(Object.fromEntries(samples)));
    const byKey = (one: Dataset) =>
      Promise.all(samples.map(async (_, i) => `${one.key(i)} ${await one.byteLength(i)}`)).then((all) =>
        all.sort(),
      );
    expect(await byKey(dataset)).toEqual(await byKey(files));
    expect(await datasetDigest(dataset)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are divided by the names of their folders', async () => {
    const [train, val] = [bytesOf('colour'), bytesOf('many')];
    const root = folderOf({
      'x_train_lmdb/data.mdb': train,
      'x_val_lmdb/data.mdb': val,
      'x_train_lmdb/lock.mdb': '',
    });
    expect(await splitsOf(root)).toEqual(['train', 'val']);
    expect([(await openDataset(root)).length, (await openDataset(root, { split: 'val' })).length]).toEqual([
      5, 600,
    ]);
    expect((await openDataset(join(root, 'x_val_lmdb'))).split).toBe('val');
    await expect(() => openDataset(root, { split: 'test' })).rejects.toThrow(
      /has no test split .*there is train: x_train_lmdb/,
    );
    await expect(() => openDataset(join(root, 'x_val_lmdb'), { split: 'val' })).rejects.toThrow(
      /has no val split/,
    );
  });

  it.each([
    [
      'planes',
      'NOT_A_DATUM',
      /0: expected a caffe\.Datum: expected 1 or 3 channels of u8, got 24 bytes for 2 x 3 x 4/,
    ],
    ['floats', 'NOT_A_DATUM', /its values are floats/],
    ['unlabelled', 'NO_CLASS', /0: has no class, and no other has one/],
    ['empty', 'NO_IMAGES', /has no entries/],
  ])('are refused where they hold %s', async (name, code, reason) => {
    const root = folder(bytesOf(name));
    await expect(() => openDataset(root)).rejects.toThrow(
      expect.objectContaining({ name: 'DataError', code }),
    );
    await expect(() => openDataset(root)).rejects.toThrow(reason);
    await expect(() => openDataset(root)).rejects.toThrow(join(root, 'data.mdb'));
    expect(() => caffeLmdb(folder(bytesOf('many')), { classes: ['a'] })).toThrow(/x1: class 1 has no name/);
  });

  it('are refused where the file is cut, unless nothing of the images is lost', async () => {
    const bytes = bytesOf('encoded');
    const whole = await readAll(caffeLmdb(folder(bytes)));
    const path = join(folder(bytes), 'data.mdb');
    const open = () => caffeLmdb(path);
    const pages = Array.from({ length: bytes.length / 4096 }, (_, page) => page * 4096);
    const others = Array.from({ length: bytes.length / 997 }, (_, at) => at * 997);
    for (const length of [...pages, ...others]) {
      writeFileSync(path, bytes.subarray(0, length));
      const images = await Promise.resolve()
        .then(open)
        .then(readAll)
        .catch((error: unknown) => error);
      // behind the two pages that describe it, also where a value's own pages begin
      if (images instanceof DataError && length > 8192) expect(images.code).toBe('TRUNCATED_LMDB');
      if (images instanceof DataError) continue;
      expect(images, String(length)).toEqual(whole);
      expect(length).toBeGreaterThan(bytes.length / 2);
    }
  });

  it.each([
    ['many', 600, 2003],
    ['colour', 5, 61],
  ])('have a changed byte in %s: a named error or a dataset, and never no end', (name, count, step) => {
    const bytes = bytesOf(name);
    const path = join(folder(bytes), 'data.mdb');
    const open = (): unknown => {
      try {
        return caffeLmdb(path).length;
      } catch (error) {
        return error;
      }
    };
    for (let at = 16; at < bytes.length; at += step) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      writeFileSync(path, changed);
      const outcome = open();
      if (outcome !== count) expect(outcome, String(at)).toBeInstanceOf(DataError);
    }
  });

  it('may have a page that leads back to the first: an error', () => {
    const bytes = bytesOf('many');
    const page = bytes.subarray(bytes.readUInt32LE(4096 + 144) > bytes.readUInt32LE(144) ? 4096 : 0);
    const root = Number(page.readBigUInt64LE(128));
    const node = root * 4096 + bytes.readUInt16LE(root * 4096 + 16);
    bytes.writeUIntLE(root, node, 6);
    expect(() => caffeLmdb(folder(bytes))).toThrow(expect.objectContaining({ code: 'DAMAGED_LMDB' }));
  });
});
