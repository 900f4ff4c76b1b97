import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../../src/datasets/dataset.ts';
import { type Dataset, datasetDigest, imageFolder, images } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { patternImage } from '../../support/raw-images.ts';

const keys = (dataset: Dataset) => Array.from({ length: dataset.length }, (_, i) => dataset.key(i));
const labels = (dataset: Dataset) => Array.from({ length: dataset.length }, (_, i) => dataset.label(i));
const empties = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, '']));

describe('imageFolder', () => {
  it('lists classes and files sorted by code unit, upper case before lower, 10 before 9', () => {
    const root = folderOf(empties('b/9.jpg', 'b/10.jpg', 'B/x.png', 'a-b/1.webp', 'a/1.jpg', 'é/1.jpg'));
    const dataset = imageFolder(root);
    expect(dataset.classes).toEqual(['B', 'a', 'a-b', 'b', 'é']);
    expect(keys(dataset)).toEqual(['B/x.png', 'a/1.jpg', 'a-b/1.webp', 'b/10.jpg', 'b/9.jpg', 'é/1.jpg']);
    expect(labels(dataset)).toEqual([0, 1, 2, 3, 3, 4]);
    expect(dataset.locator(1)).toBe(join(root, 'a', '1.jpg'));
  });

  it('takes images of any depth and extension, passes over other files and hidden ones', () => {
    const root = folderOf(
      empties(
        'a/deep/er/1.JPEG',
        'a/2.tif',
        'a/notes.txt',
        'a/.hidden.jpg',
        'a/.cache/3.jpg',
        '.git/4.jpg',
        '5.jpg',
      ),
    );
    expect(keys(imageFolder(root))).toEqual(['a/2.tif', 'a/deep/er/1.JPEG']);
  });

  it('counts what it passes over by extension, the most first', () => {
    const names = ['a/1.jpg', 'a/1.txt', 'a/b/2.TXT', 'a/3.heic', 'a/README', 'labels.csv', '9.png'];
    const { passedOver } = imageFolder(folderOf(empties(...names)));
    expect(passedOver).toBe(
      'passed over 2 .txt, 1 .heic, 1 without an extension, 1 .png beside the class folders, 1 .csv',
    );
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `a/1.${name}`);
    expect(imageFolder(folderOf(empties('a/1.jpg', ...many))).passedOver).toMatch(/, 2 others$/);
    expect(imageFolder(folderOf(empties('a/1.jpg'))).passedOver).toBeUndefined();
  });

  it('skips folders and files that systems make, without a word', () => {
    const ours = ['__MACOSX/a/1.jpg', '@eaDir/1.jpg', '.ipynb_checkpoints/1.jpg', 'a/@eaDir/1.jpg/thumb.jpg'];
    const more = ['a/.ipynb_checkpoints/1.jpg', 'a/Thumbs.db', '$RECYCLE.BIN/1.jpg', 'lost+found/x.txt'];
    const dataset = imageFolder(folderOf(empties('a/1.jpg', ...ours, ...more)));
    expect([dataset.classes, keys(dataset), dataset.passedOver]).toEqual([['a'], ['a/1.jpg'], undefined]);
  });

  it('says what a class folder has instead of images', () => {
    const root = folderOf(empties('a/1.jpg', 'a/1.txt', 'b/1.heic', 'b/2.HEIC'));
    const reason = 'class folder has no images (jpg, png, webp, ...); passed over 2 .heic';
    expect(() => imageFolder(root)).toThrow(`${join(root, 'b')}: ${reason}`);
  });

  it('reads names with spaces, quotes, percent signs and any script', async () => {
    const names = ['a b/ü 1.jpg', 'a b/%20 "#?.jpg', 'a b/日本 😀.png'];
    const dataset = imageFolder(folderOf(Object.fromEntries(names.map((name) => [name, name]))));
    const reader = await openReader(dataset.reader);
    expect(new Set(keys(dataset))).toEqual(new Set(names));
    for (let i = 0; i < 3; i++)
      expect((await reader.read(dataset.locator(i))).toString()).toBe(dataset.key(i));
  });

  it('follows the train and val convention', () => {
    const root = folderOf(empties('train/a/1.jpg', 'train/b/2.jpg', 'val/a/3.jpg'));
    expect(keys(imageFolder(root))).toEqual(['a/1.jpg', 'b/2.jpg']);
    expect(keys(imageFolder(root, { split: 'val' }))).toEqual(['a/3.jpg']);
    expect(keys(imageFolder(join(root, 'val')))).toEqual(['a/3.jpg']);
  });

  it('says so where there is no val folder, and takes a root without splits as train', () => {
    const root = folderOf(empties('a/1.jpg'));
    expect(() => imageFolder(root, { split: 'val' })).toThrow('has no val folder');
    expect(keys(imageFolder(root, { split: 'train' }))).toEqual(['a/1.jpg']);
    const trainOnly = folderOf(empties('train/a/1.jpg'));
    expect(keys(imageFolder(trainOnly, { split: 'train' }))).toEqual(['a/1.jpg']);
  });

  it('follows links to files and folders', () => {
    const root = folderOf(empties('all/1.jpg', 'all/2.jpg'));
    const subset = folderOf();
    mkdirSync(join(subset, 'a'));
    symlinkSync(join(root, 'all', '2.jpg'), join(subset, 'a', 'link.jpg'));
    symlinkSync(join(root, 'all'), join(subset, 'b'));
    expect(keys(imageFolder(subset))).toEqual(['a/link.jpg', 'b/1.jpg', 'b/2.jpg']);
  });

  it('refuses a folder that contains itself by a link', () => {
    const root = folderOf(empties('a/1.jpg'));
    symlinkSync(join(root, 'a'), join(root, 'a', 'again'));
    expect(() => imageFolder(root)).toThrow(/a.again: is a link to a folder it lies in/);
  });

  it('counts a dangling link as a file, which then cannot be read', async () => {
    const root = folderOf(empties('a/1.jpg'));
    symlinkSync(join(root, 'gone.jpg'), join(root, 'a', '2.jpg'));
    symlinkSync('itself', join(root, 'itself'));
    const dataset = imageFolder(root);
    expect(keys(dataset)).toEqual(['a/1.jpg', 'a/2.jpg']);
    const reader = await openReader(dataset.reader);
    expect(() => reader.read(dataset.locator(1))).toThrow('no such file');
  });

  it.each([
    [
      'a class without images',
      'EMPTY_CLASS',
      'class folder has no images',
      empties('a/1.jpg', 'b/readme.txt'),
    ],
    [
      'a folder named like an image',
      'NOT_A_FILE',
      'is a folder but named like an image',
      empties('a/x.jpg/1.jpg'),
    ],
    ['images without class folders', 'NO_CLASSES', 'has no class folders', empties('1.jpg')],
    ['an empty folder', 'NO_CLASSES', 'has no class folders', {}],
    [
      'images that a list beside them may give classes',
      'NO_CLASSES',
      'a.csv lists its images, name that, with --image-root ',
      { '1.jpg': '', 'a.csv': '' },
    ],
  ])('refuses %s', (_, code, message, files) => {
    const act = () => imageFolder(folderOf(files));
    expect(act).toThrow(expect.objectContaining({ name: 'DataError', code }));
    expect(act).toThrow(message);
  });

  it('tells a missing folder from a file', () => {
    const root = folderOf(empties('file.jpg'));
    expect(() => imageFolder(join(root, 'nowhere'))).toThrow(/nowhere: no such folder/);
    expect(() => imageFolder(join(root, 'file.jpg'))).toThrow(/file.jpg: not a folder/);
  });

  it.skipIf(process.platform === 'win32')('refuses a pipe, which would wait for ever', () => {
    const root = folderOf(empties('a/1.jpg'));
    execFileSync('mkfifo', [join(root, 'a', '2.jpg')]);
    expect(() => imageFolder(root)).toThrow('is a pipe, socket or device');
  });
});

describe('the file reader', () => {
  it('reads files larger than its buffer, smaller ones after them, and empty ones', async () => {
    const large = Buffer.alloc(3_000_000, 7);
    const dataset = imageFolder(folderOf({ 'a/1.jpg': large, 'a/2.jpg': 'small', 'a/3.jpg': '' }));
    const reader = await openReader(dataset.reader);
    const read = async (index: number) => Buffer.from((await reader.read(dataset.locator(index))) as Buffer);
    expect((await read(0)).equals(large)).toBe(true);
    expect((await read(1)).toString()).toBe('small');
    expect(await read(2)).toHaveLength(0);
  });

  it('says so where a file has gone since the folder was listed', async () => {
    const root = folderOf({ 'a/1.jpg': 'x' });
    const dataset = imageFolder(root);
    rmSync(join(root, 'a', '1.jpg'));
    const reader = await openReader(dataset.reader);
    expect(() => reader.read(dataset.locator(0))).toThrow(expect.objectContaining({ code: 'MISSING_FILE' }));
  });
});

describe('images', () => {
  it('names and labels what it is given', () => {
    const image = patternImage(0, 3, 2);
    const dataset = images([{ image }, { image, label: 2, key: 'second' }]);
    expect([dataset.length, ...keys(dataset), ...labels(dataset)]).toEqual([2, '0', 'second', -1, 2]);
    expect(dataset.classes).toEqual(['0', '1', '2']);
    expect(images([{ image, label: 0 }], { classes: ['cat'] }).classes).toEqual(['cat']);
  });

  it('refuses a label without a class, and a key that another image has or that is no text', () => {
    const image = patternImage(0, 3, 2);
    const refusal = (code: string, message: string) => expect.objectContaining({ code, message });
    expect(() => images([{ image }, { image, label: 1 }], { classes: ['cat'] })).toThrow(
      refusal('INVALID_LABEL', 'images: label of image 1: class 1 has no name (1 are given, for 0..0)'),
    );
    const key = 'images: key of image 1 must be a text that no other image has, got';
    expect(() => images([{ image, key: '1' }, { image }])).toThrow(
      refusal('INVALID_KEY', `${key} '1' again`),
    );
    expect(() => images([{ image }, { image, key: 7 as unknown as string }])).toThrow(
      refusal('INVALID_KEY', `${key} 7`),
    );
  });

  it('copies each image once: a later change of the original does not matter', async () => {
    const data = Uint8Array.of(1, 2, 3);
    const dataset = images([{ image: { data, width: 1, height: 1 } }, { image: data }]);
    data.fill(9);
    const reader = await openReader(dataset.reader);
    expect(await reader.read(dataset.locator(0))).toEqual({
      data: Uint8Array.of(1, 2, 3),
      width: 1,
      height: 1,
    });
    expect(await reader.read(dataset.locator(1))).toEqual(Buffer.of(1, 2, 3));
  });

  it.each([
    ['nothing', 'at least one image', []],
    ['a path', 'encoded bytes', [{ image: 'cat.jpg' }]],
    ['no image', 'encoded bytes', [{}]],
    ['too few bytes', 'got 4 bytes for 2 x 2', [{ image: { data: new Uint8Array(4), width: 2, height: 2 } }]],
    [
      'a size of zero',
      'got 0 bytes for 0 x 2',
      [{ image: { data: new Uint8Array(0), width: 0, height: 2 } }],
    ],
    ['a label of -2', 'label of image 0', [{ image: patternImage(0, 1, 1), label: -2 }]],
    ['a label of NaN', 'got NaN', [{ image: patternImage(0, 1, 1), label: Number.NaN }]],
  ])('refuses %s', (_, message, items) => {
    expect(() => images(items as Parameters<typeof images>[0])).toThrow(message);
  });
});

describe('datasetDigest', () => {
  const files = { 'a/1.jpg': 'one', 'a/2.jpg': 'three', 'b/1.jpg': 'x' };
  const digestOf = (content: Record<string, string>) => datasetDigest(imageFolder(folderOf(content)));

  it('is the same for equal folders in different places, and the committed one', async () => {
    expect(await digestOf(files)).toBe(await digestOf(files));
    // SHA-256 of ["a/1.jpg",0,3]\n["a/2.jpg",0,5]\n["b/1.jpg",1,1]\n
    expect(await digestOf(files)).toBe('24111d63c68ab442a1c802bb4ba3d144a2e60b2f2134e77028ecf0b1c2758788');
  });

  it('is another one for another name, class, order or length', async () => {
    const variants = [
      files,
      { 'a/1.jpg': 'one', 'a/3.jpg': 'three', 'b/1.jpg': 'x' },
      { 'a/1.jpg': 'one', 'b/1.jpg': 'x', 'b/2.jpg': 'three' },
      { 'a/1.jpg': 'three', 'a/2.jpg': 'one', 'b/1.jpg': 'x' },
      { ...files, 'b/1.jpg': 'xx' },
    ];
    expect(new Set(await Promise.all(variants.map(digestOf))).size).toBe(variants.length);
    const item = (key: string) => ({ key, image: patternImage(0, 1, 1) });
    const [there, back] = [images([item('a'), item('b')]), images([item('b'), item('a')])];
    expect(await datasetDigest(there)).not.toBe(await datasetDigest(back));
  });

  it('covers every sample of a large dataset', async () => {
    const dataset = (length: number) =>
      images(Array.from({ length }, (_, i) => ({ key: `k${i}`, image: patternImage(0, 1, 1) })));
    expect(await datasetDigest(dataset(129))).not.toBe(await datasetDigest(dataset(130)));
  });
});

it('a folder changes its digest when a file grows', async () => {
  const root = folderOf({ 'a/1.jpg': 'x' });
  const before = await datasetDigest(imageFolder(root));
  writeFileSync(join(root, 'a', '1.jpg'), 'xy');
  expect(await datasetDigest(imageFolder(root))).not.toBe(before);
});
