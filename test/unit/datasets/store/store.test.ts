import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { IntervalJpeg } from '../../../../backends/decode/interval-jpeg.ts';
import type { RawImage } from '../../../../src/core/image.ts';
import { type Dataset, datasetDigest } from '../../../../src/datasets/dataset.ts';
import { imageFolder } from '../../../../src/datasets/folder/image-folder.ts';
import { idxImages } from '../../../../src/datasets/idx/idx.ts';
import { images } from '../../../../src/datasets/memory/images.ts';
import { store } from '../../../../src/datasets/store/store.ts';
import { webDataset } from '../../../../src/datasets/tar/web-dataset.ts';
import { folderOf } from '../../../support/folders.ts';
import { idxFiles } from '../../../support/idx.ts';
import { damagedImages, mixedImages } from '../../../support/mixed-images.ts';
import { patternImage } from '../../../support/raw-images.ts';
import { importTo, sourcesOf, storeContents } from '../../../support/stores.ts';
import { tarOf, tarSample } from '../../../support/tar.ts';

const files = { ...(await mixedImages()), ...(await damagedImages()) };
const target = (name = 'a.lmdb') => join(folderOf(), name);

/** What a dataset says of its samples, without their images. */
const listing = (dataset: Dataset) => ({
  classes: dataset.classes,
  samples: Array.from({ length: dataset.length }, (_, i) => [dataset.key(i), dataset.label(i)]),
});

describe('a store of a folder', () => {
  const folder = () => imageFolder(folderOf(files));

  it('has its keys, labels, classes and digest', async () => {
    const [dataset, path] = [folder(), target()];
    const report = await importTo(dataset, path);
    expect(listing(store(path))).toEqual(listing(dataset));
    expect(await datasetDigest(store(path))).toBe(await datasetDigest(dataset));
    expect(report).toMatchObject({ imported: 14, alreadyThere: 0, classCounts: [6, 8, 0] });
    expect(report.digest).toBe(await datasetDigest(dataset));
  });

  it('keeps byte for byte what it cannot cut into intervals, and says why', async () => {
    const path = target();
    const { kinds, reasons } = await importTo(folder(), path);
    const sources = new Map((await sourcesOf(store(path))).map(({ key, source }) => [key, source]));
    const kept = Object.keys(files).filter((key) => Buffer.isBuffer(sources.get(key)));
    expect(kept.sort()).toEqual(
      [
        ...['animation.gif', 'cut-off.jpg', 'image.png', 'inks.jpg', 'scratched.jpg', 'small.webp'],
        ...['text.jpg', 'turned.png'],
      ].map((name) => `dog/${name}`),
    );
    for (const key of kept) expect(sources.get(key)).toEqual(files[key]);
    expect(kinds).toEqual({ intervals: 6, file: 8, raw: 0 });
    expect(reasons).toMatchObject({
      png: 2,
      gif: 1,
      webp: 1,
      'jpeg, 4 components': 1,
      'no image that can be read': 1,
    });
    expect(Object.values(reasons).reduce((sum, count) => sum + count)).toBe(8);
  });

  it('knows the width, height and orientation of every JPEG that it cut', async () => {
    const path = target();
    await importTo(folder(), path);
    const cut = (await sourcesOf(store(path))).filter(({ source }) => !Buffer.isBuffer(source));
    for (const { key, source } of cut) {
      const { width, height, orientation = 1 } = await sharp(files[key]).metadata();
      expect({ key, ...(source as IntervalJpeg) }).toMatchObject({ key, width, height, orientation });
    }
    expect(cut).toHaveLength(6);
  });

  it('is the same for any number of threads', async () => {
    const paths = [target(), target()] as const;
    await importTo(folder(), paths[0], { workers: 1 });
    await importTo(folder(), paths[1], { workers: 3 });
    expect(await storeContents(paths[1])).toEqual(await storeContents(paths[0]));
  });

  it('keeps files with more pixels than the limit as they are', async () => {
    const path = target();
    const { reasons } = await importTo(folder(), path, { maxPixels: 11_000 });
    expect(reasons).toMatchObject({ 'jpeg, more than 11000 pixels': 2 });
  });
});

describe('--max-side', () => {
  it('makes larger images smaller and leaves the others untouched', async () => {
    const [dataset, path] = [imageFolder(folderOf(files)), target()];
    const report = await importTo(dataset, path, { reduction: { maxSide: 80, quality: 85 } });
    for (const { key, source } of await sourcesOf(store(path))) {
      const file = files[key] as Buffer;
      if (/damaged|cut-off|text/.test(key)) {
        expect(source).toEqual(file);
        continue;
      }
      const bytes = Buffer.isBuffer(source) ? source : (source as IntervalJpeg).bytes;
      const [before, after] = [await sharp(file).metadata(), await sharp(bytes).metadata()];
      const longest = Math.max(before.width, before.height);
      expect(Math.max(after.width, after.height), key).toBe(Math.min(longest, 80));
      expect(after.width / after.height).toBeCloseTo(before.width / before.height, 1);
      expect(after.orientation ?? 1, key).toBe(before.orientation ?? 1);
      if (longest <= 80 && Buffer.isBuffer(source)) expect(source).toEqual(file);
    }
    expect(report.digest).not.toBe(await datasetDigest(dataset));
    expect(await datasetDigest(store(path))).toBe(report.digest);
  });

  it('gives another digest for another size or quality', async () => {
    const dataset = imageFolder(folderOf({ 'cat/1.jpg': files['cat/baseline.jpg'] as Buffer }));
    const digestOf = async (maxSide: number, quality: number) =>
      (await importTo(dataset, target(), { reduction: { maxSide, quality } })).digest;
    const digests = [await digestOf(80, 85), await digestOf(80, 86), await digestOf(81, 85)];
    expect(new Set(digests).size).toBe(3);
  });
});

it('--max-side makes raw images smaller too, and leaves them raw', async () => {
  const items = [patternImage(1, 40, 20), patternImage(2, 16, 8)].map((image) => ({ image }));
  const path = target();
  await importTo(images(items), path, { reduction: { maxSide: 20, quality: 90 } });
  const sizes = (await sourcesOf(store(path))).map(({ source }) => source as RawImage);
  expect(sizes.map(({ width, height }) => [width, height])).toEqual([
    [20, 10],
    [16, 8],
  ]);
  expect(Buffer.from((sizes[1] as RawImage).data)).toEqual(Buffer.from(patternImage(2, 16, 8).data));
});

describe('a store of a store', () => {
  it('has the same records and the same digest', async () => {
    const [first, second] = [target(), target()];
    await importTo(imageFolder(folderOf(files)), first);
    const report = await importTo(store(first), second);
    const [expected, actual] = [await storeContents(first), await storeContents(second)];
    expect(actual.samples).toEqual(expected.samples);
    expect(report.digest).toBe(expected.progress.digest);
  });

  it('keeps the digest of one that was made smaller, and changes it by making it smaller still', async () => {
    const [first, second, third] = [target(), target(), target()];
    await importTo(imageFolder(folderOf(files)), first, { reduction: { maxSide: 80, quality: 85 } });
    const { digest } = await importTo(store(first), second);
    expect(digest).toBe(await datasetDigest(store(first)));
    const smaller = await importTo(store(second), third, { reduction: { maxSide: 40, quality: 85 } });
    expect(smaller.digest).not.toBe(digest);
  });
});

it('a store of tar shards has the digest and the images of the shards', async () => {
  const samples = Object.entries(files).filter(([key]) => key.endsWith('.jpg'));
  const members = samples.flatMap(([key, file], i) => tarSample(key.slice(0, -4), i % 2, file));
  const [shards, path] = [await webDataset(folderOf({ '0.tar': tarOf(members) })), target()];
  const { digest, kinds } = await importTo(shards, path);
  expect(digest).toBe(await datasetDigest(shards));
  expect(listing(store(path))).toEqual(listing(shards));
  expect(kinds).toEqual({ intervals: 6, file: samples.length - 6, raw: 0 });
});

it('a store of IDX files has their images, of one byte a pixel', async () => {
  const [dataset, path] = [idxImages(folderOf(idxFiles('train', 300))), target()];
  const { digest, kinds, bytesAfter } = await importTo(dataset, path);
  expect(kinds).toEqual({ intervals: 0, file: 0, raw: 300 });
  expect(bytesAfter).toBe(300 * (32 + 6));
  expect(digest).toBe(await datasetDigest(dataset));
  expect(await sourcesOf(store(path))).toEqual(await sourcesOf(dataset));
});

it('a store of raw images in colour has their pixels, and samples without a label', async () => {
  const items = [1, 2, 3].map((seed) => ({ image: patternImage(seed, 9, 7), key: `ключ ${seed} 🙂` }));
  const [dataset, path] = [images(items), target()];
  expect(await importTo(dataset, path)).toMatchObject({ classCounts: [3], kinds: { raw: 3 } });
  expect(listing(store(path))).toEqual(listing(dataset));
  expect(await sourcesOf(store(path))).toEqual(await sourcesOf(dataset));
});
