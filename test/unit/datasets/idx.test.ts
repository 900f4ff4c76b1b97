import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawImage } from '../../../src/core/image.ts';
import { openReader } from '../../../src/datasets/dataset.ts';
import { type Dataset, datasetDigest, idxImages } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { idxFiles, idxOf } from '../../support/idx.ts';

const labels = (dataset: Dataset) => Array.from({ length: dataset.length }, (_, i) => dataset.label(i));
const zipped = (files: Record<string, Buffer>) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]));

async function pixelsOf(dataset: Dataset): Promise<number[][]> {
  const reader = await openReader(dataset.reader);
  return Array.from({ length: dataset.length }, (_, i) => [
    ...(reader.read(dataset.locator(i)) as RawImage).data,
  ]);
}

/** The dataset of one pair of files, `x-images-idx3-ubyte` and its labels. */
function open(images: Uint8Array, labelsFile: Uint8Array = idxOf([2], [0, 1])): Dataset {
  const root = folderOf({ 'x-images-idx3-ubyte': images, 'x-labels-idx1-ubyte': labelsFile });
  return idxImages(join(root, 'x-images-idx3-ubyte'));
}

describe('idxImages', () => {
  it('reads the splits of a folder, gray repeated to RGB', async () => {
    const root = folderOf({ ...idxFiles('train', 11), ...idxFiles('t10k', 2) });
    const train = idxImages(root);
    expect([train.length, train.key(0), train.key(10), train.classes]).toEqual([
      11,
      'train-images-idx3-ubyte/00',
      'train-images-idx3-ubyte/10',
      ['0', '1', '2'],
    ]);
    expect(labels(train)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1]);
    expect(await train.byteLength(4)).toBe(6);
    const val = idxImages(root, { split: 'val' });
    expect([val.length, val.key(1), val.classes]).toEqual([2, 't10k-images-idx3-ubyte/1', ['0', '1']]);
    expect(await pixelsOf(val)).toEqual([
      [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5],
      [6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 11],
    ]);
    const { width, height } = (await openReader(val.reader)).read(val.locator(0)) as RawImage;
    expect({ width, height }).toEqual({ width: 3, height: 2 });
  });

  it('gives the same from gzipped files, and from one of each', async () => {
    const files = idxFiles('train', 5);
    const [images, labelsFile] = Object.entries(files).map((file) => Object.fromEntries([file])) as [
      Record<string, Buffer>,
      Record<string, Buffer>,
    ];
    const plain = idxImages(folderOf(files));
    for (const variant of [
      zipped(files),
      { ...images, ...zipped(labelsFile) },
      { ...zipped(images), ...labelsFile },
    ]) {
      const dataset = idxImages(folderOf(variant));
      expect(await datasetDigest(dataset)).toBe(await datasetDigest(plain));
      expect(await pixelsOf(dataset)).toEqual(await pixelsOf(plain));
    }
  });

  it('finds the labels of files with other names, or takes those it is given', () => {
    const [images, labelsFile] = [idxOf([2, 1, 1, 3], [1, 2, 3, 4, 5, 6]), idxOf([2], [7, 4])];
    const root = folderOf({ 'my-images.idx4': images, 'my-labels.idx1': labelsFile, other: images });
    expect(labels(idxImages(join(root, 'my-images.idx4')))).toEqual([7, 4]);
    expect(labels(idxImages(join(root, 'other'), { labels: join(root, 'my-labels.idx1') }))).toEqual([7, 4]);
  });

  it('gives classes their names, one for each label', () => {
    const root = folderOf(idxFiles('train', 3));
    expect(idxImages(root, { classes: ['a', 'b', 'c', 'd'] }).classes).toEqual(['a', 'b', 'c', 'd']);
    expect(() => idxImages(root, { classes: ['a', 'b'] })).toThrow(
      /train-labels-idx1-ubyte: label 2: class 2 has no name \(2 are given, for 0\.\.1\)/,
    );
  });

  it('gives back any images, gray or RGB, with or without their axis of channels', async () => {
    const side = fc.integer({ min: 1, max: 9 });
    const shape = fc.record({ n: side, h: side, w: side, c: fc.constantFrom(undefined, 1, 3) });
    const roundTrip = async ({ n, h, w, c }: { n: number; h: number; w: number; c: number | undefined }) => {
      const pixels = Array.from({ length: n * h * w * (c ?? 1) }, (_, i) => (i * 37) % 251);
      const sizes = c === undefined ? [n, h, w] : [n, h, w, c];
      const rgb = c === 3 ? pixels : pixels.flatMap((value) => [value, value, value]);
      const dataset = open(idxOf(sizes, pixels), idxOf([n], new Uint8Array(n)));
      expect((await pixelsOf(dataset)).flat()).toEqual(rgb);
    };
    await fc.assert(fc.asyncProperty(shape, roundTrip), { numRuns: 30 });
  });
});

describe('idxImages refuses', () => {
  const images = idxOf([2, 1, 2], [1, 2, 3, 4]);
  it.each([
    ['another file', 'NOT_IDX', 'got 89504e47', Buffer.from('89504e470d0a', 'hex')],
    ['an empty file', 'NOT_IDX', 'got an empty file', Buffer.alloc(0)],
    ['floats', 'IDX_TYPE', 'expected elements of type u8, got f32', idxOf([2, 1, 1], new Uint8Array(8), 13)],
    ['an unknown type', 'NOT_IDX', 'got 00000703', idxOf([2, 1, 1], [1, 2], 7)],
    [
      'a byte too few',
      'IDX_SIZE',
      'expected 20 bytes for 2 x 1 x 2, the file has 19',
      images.subarray(0, -1),
    ],
    ['a byte too many', 'IDX_SIZE', 'the file has 21', Buffer.concat([images, Buffer.of(0)])],
    ['half a header', 'IDX_SIZE', 'expected a header of 16 bytes, the file has 9', images.subarray(0, 9)],
    [
      'sizes beyond any memory',
      'IDX_SIZE',
      'for 4294967295 x',
      idxOf([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], []),
    ],
    ['labels for images', 'IDX_SIZE', 'expected images of sizes n x h x w', idxOf([2], [0, 1])],
    ['two channels', 'IDX_SIZE', 'with c 1 or 3, got 2 x 1 x 1 x 2', idxOf([2, 1, 1, 2], [1, 2, 3, 4])],
    ['no images', 'IDX_SIZE', 'got 0 x 28 x 28', idxOf([0, 28, 28], [])],
    ['images without pixels', 'IDX_SIZE', 'got 2 x 0 x 28', idxOf([2, 0, 28], [])],
    ['cut gzip', 'DAMAGED_FILE', 'cannot be unpacked', gzipSync(images).subarray(0, -9)],
    ['another gzipped file', 'NOT_IDX', 'got 89504e47', gzipSync(Buffer.from('89504e470d0a', 'hex'))],
    [
      'gzip of far more than its header says',
      'TOO_LARGE',
      'unpacks to more than the 20 bytes of its 2 x 1 x 2',
      gzipSync(Buffer.concat([images, Buffer.alloc(1 << 20)])),
    ],
  ])('%s', (_, code, message, bytes) => {
    const act = () => open(bytes);
    expect(act).toThrow(expect.objectContaining({ name: 'DataError', code }));
    expect(act).toThrow(message);
    expect(act).toThrow('x-images-idx3-ubyte: ');
  });

  it.each([
    ['fewer labels than images', 'IDX_COUNT', 'a label for each of 2 images', idxOf([1], [0])],
    ['images for labels', 'IDX_SIZE', 'expected labels of size n, got 2 x 1 x 2', images],
  ])('%s', (_, code, message, bytes) => {
    expect(() => open(images, bytes)).toThrow(expect.objectContaining({ name: 'DataError', code }));
    expect(() => open(images, bytes)).toThrow(message);
  });

  it('missing files, naming what was looked for', () => {
    const root = folderOf({ 'train-images-idx3-ubyte': images, digits: images });
    mkdirSync(join(root, 'empty'));
    expect(() => idxImages(root)).toThrow(
      /expected .*train-labels-idx1-ubyte or .*train-labels-idx1-ubyte\.gz/,
    );
    expect(() => idxImages(join(root, 'digits'))).toThrow(/digits: has no file of labels/);
    expect(() => idxImages(root, { split: 'val' })).toThrow(
      /has no val images \(expected t10k-images-idx3-ubyte/,
    );
    expect(() => idxImages(join(root, 'empty'))).toThrow(expect.objectContaining({ code: 'NO_SPLIT' }));
    expect(() => idxImages(join(root, 'gone'))).toThrow(/gone: no such file/);
    expect(() => idxImages(join(root, 'digits'), { split: 'val' })).toThrow(
      'is one file, without a val split',
    );
  });
});
