import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RawImage } from '../../src/core/image.ts';
import { openReader } from '../../src/datasets/dataset.ts';
import { splitsOf } from '../../src/datasets/opening/open-dataset.ts';
import { DataError, type Dataset, datasetDigest, npz, openDataset, type Split } from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';

const golden: Readonly<Record<string, string>> = JSON.parse(readFileSync('test/golden/npz.json', 'utf8'));
const bytesOf = (name: string): Buffer => Buffer.from(golden[name] as string, 'base64');
const file = (content: Uint8Array): string => join(folderOf({ 'a.npz': content }), 'a.npz');

async function pixelsOf(dataset: Dataset): Promise<number[][]> {
  const reader = await openReader(dataset.reader);
  const read = async (index: number) => [...((await reader.read(dataset.locator(index))) as RawImage).data];
  const images: number[][] = [];
  for (let i = 0; i < dataset.length; i++) images.push(await read(i));
  await reader.close();
  return images;
}

/** As the script counts them: from 10 i on, and `more`. */
const counted = (i: number, length: number, more: number) =>
  Array.from({ length }, (_, at) => (at + 10 * i + more) % 256);

const summary = ({ length, label, key, classes, split }: Dataset) => ({
  labels: Array.from({ length }, (_, i) => label(i)),
  keys: [key(0), key(length - 1)],
  ...{ classes, split },
});

describe("NumPy's files of arrays", () => {
  it.each(['medmnist', 'medmnist-stored'])('give the splits of %s, in colour', async (name) => {
    const path = file(bytesOf(name));
    expect(await splitsOf(path)).toEqual(['train', 'val', 'test']);
    for (const [more, [split, count]] of (
      [
        ['train', 6],
        ['val', 4],
        ['test', 5],
      ] as [Split, number][]
    ).entries()) {
      const dataset = await openDataset(path, { split });
      expect(await pixelsOf(dataset)).toEqual(Array.from({ length: count }, (_, i) => counted(i, 60, more)));
      const labels = Array.from({ length: count }, (_, i) => i % 3);
      const keys = ['0/0', `${(count - 1) % 3}/${count - 1}`];
      expect(summary(dataset)).toEqual({ labels, keys, classes: ['0', '1', '2'], split });
    }
  });

  it('have one digest, packed or not', async () => {
    const digests = ['medmnist', 'medmnist-stored'].map((name) => datasetDigest(npz(file(bytesOf(name)))));
    expect(await digests[0]).toBe(await digests[1]);
  });

  it('give gray images as RGB, and classes of any size of integers', async () => {
    const path = file(bytesOf('keras'));
    expect(await splitsOf(path)).toEqual(['train', 'test']);
    for (const [more, split] of (['train', 'test'] as Split[]).entries()) {
      const dataset = npz(path, { split });
      const gray = (await pixelsOf(dataset)).map((pixels) => pixels.filter((_, at) => at % 3 === 1));
      expect(gray).toEqual(gray.map((_, i) => counted(i, 20, more)));
      expect(summary(dataset).labels).toEqual(gray.map((_, i) => i % 3));
    }
    expect(summary(await openDataset(file(bytesOf('good'))))).toMatchObject({
      labels: [0, 1, 2, 0],
      split: undefined,
    });
  });

  it('with a column for each class give several classes, or none, in all splits', () => {
    const path = file(bytesOf('chest'));
    const [train, val] = [npz(path), npz(path, { split: 'val' })];
    expect(train.classes).toEqual(['0', '1', '2']);
    const listsOf = (dataset: Dataset) => [0, 1, 2, 3].map((index) => dataset.labels?.(index));
    expect(listsOf(train)).toEqual([[1, 2], [], [0], [0, 1, 2]]);
    expect([0, 1, 2, 3].map(train.label)).toEqual([1, -1, 0, 0]);
    expect([0, 1, 2, 3].map(train.key)).toEqual(['1/0', '1', '0/2', '0/3']);
    expect(listsOf(val)).toEqual([[2], [0], [1], [0]]);
    expect(listsOf(npz(file(bytesOf('truths'))))).toEqual(listsOf(train));
    expect(npz(path, { classes: ['a', 'b', 'c'] }).key(0)).toBe('b/0');
    expect(() => npz(path, { classes: ['a', 'b'] })).toThrow(/column for each of 3 classes, 2 are named/);
  });

  it('with a single one in every row give a class each, as its number does', async () => {
    const path = file(bytesOf('one-hot'));
    const dataset = npz(path);
    expect(dataset.labels).toBeUndefined();
    expect(summary(dataset)).toMatchObject({ labels: [2, 0, 1, 0], classes: ['0', '1', '2'] });
    expect(summary(npz(path, { split: 'test' })).labels).toEqual([0, 1, 0, 2]);
  });

  it('say where an image is in the file, where it is not packed', () => {
    const bytes = bytesOf('medmnist-stored');
    const { offset = 0 } = npz(file(bytes), { split: 'val' }).place?.(2) ?? {};
    expect([...bytes.subarray(offset, offset + 60)]).toEqual(counted(2, 60, 1));
  });

  it.each([
    ['objects', 'NPY_TYPE', /images: holds pickled Python objects/],
    ['floats', 'NPY_TYPE', /images: expected an array of integers, got <f4/],
    ['wide', 'NPZ_IMAGES', /images: expected images as u8 .* got <u2 of 4 x 2 x 2/],
    ['fortran', 'NPY_ORDER', /images: is in Fortran order/],
    ['planes', 'NPZ_IMAGES', /got \|u1 of 4 x 3 x 2 x 2/],
    ['volumes', 'NPZ_LABELS', /labels: expected a class each, .* or a column for each class, got 4 x 2 x 2/],
    ['soft labels', 'INVALID_CLASS', /labels: image 0: soft labels are not read, got 0\.0625: .*argmax\(1\)/],
    ['other columns', 'INVALID_CLASS', /labels: image 0: expected 0 or 1 in the column of each class, got 3/],
    ['a float each', 'NPY_TYPE', /labels: expected an array of integers, got <f4/],
    ['few', 'NPZ_LABELS', /expected a class for each of 4 images in images, got 3/],
    ['negative', 'INVALID_CLASS', /image 1: expected a class of 0\.\..*, got -1/],
    ['swapped', 'NPY_TYPE', /labels: expected an array of integers, or floats .*, got >i8/],
    ['other', 'NO_SPLIT', /train_images or x_train\); its arrays are: data, target/],
    ['alone', 'MISSING_ARRAY', /has no array labels with the classes of images/],
  ])('are refused where they hold %s', (name, code, reason) => {
    const path = file(bytesOf(name));
    expect(() => npz(path)).toThrow(expect.objectContaining({ name: 'DataError', code }));
    expect(() => npz(path)).toThrow(reason);
    expect(() => npz(path)).toThrow(`${path}: `);
  });

  it('are refused where a class has no name, or a split is asked for that is not there', () => {
    expect(() => npz(file(bytesOf('good')), { classes: ['a', 'b'] })).toThrow(/image 2: class 2 has no name/);
    expect(() => npz(file(bytesOf('good')), { split: 'val' })).toThrow(/has no val images/);
    expect(() => npz(file(bytesOf('keras')), { split: 'val' })).toThrow(
      /there is train: x_train; test: x_test/,
    );
  });

  it('are refused where a class was changed, whose checksum tells', () => {
    const bytes = bytesOf('good');
    const labels = bytes.indexOf(Buffer.of(0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0));
    for (const at of [4, 7]) {
      const changed = Buffer.from(bytes);
      changed[labels + at] = 0x7f;
      expect(() => npz(file(changed))).toThrow(/labels: is damaged: its checksum/);
    }
  });

  it.each(['good', 'medmnist'])('are refused where %s is cut, at any byte', (name) => {
    const bytes = bytesOf(name);
    const path = file(bytes);
    for (let length = 0; length < bytes.length; length += 1 + (length >> 5)) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(() => npz(path), String(length)).toThrow(DataError);
    }
  });

  it('have a changed byte: a named error, or images that are there', async () => {
    const bytes = bytesOf('medmnist');
    const path = file(bytes);
    const whole = await pixelsOf(npz(path));
    for (let at = 0; at < bytes.length; at += 13) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      writeFileSync(path, changed);
      // what is packed has a checksum; what is not used may be anything
      const images = await Promise.resolve()
        .then(() => pixelsOf(npz(path)))
        .catch(codeOf);
      if (typeof images !== 'string') expect(images, String(at)).toEqual(whole);
    }
  });
});

function codeOf(error: unknown): string {
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).code;
}
