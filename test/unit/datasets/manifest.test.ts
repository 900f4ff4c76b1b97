import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Dataset, datasetDigest } from '../../../src/datasets/dataset.ts';
import { splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import { type ManifestOptions, manifest, openDataset } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';

const images = { 'cat/1.jpg': 'one', 'cat/a b.jpg': 'two', 'dog/1.jpg': 'three' };
const same = [
  ['cat/1.jpg', 'cat'],
  ['cat/a b.jpg', 'cat'],
  ['dog/1.jpg', 'dog'],
];

/** The list of these lines beside the images. */
const listed = (name: string, text: string | Uint8Array, options: ManifestOptions = {}) =>
  manifest(join(folderOf({ ...images, [name]: text }), name), options);

const each = <T>({ length }: Dataset, ask: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => ask(index));
const rows = (dataset: Dataset) =>
  each(dataset, (index) => [dataset.key(index), dataset.classes[dataset.label(index)]]);

const failure = async (name: string, text: string | Uint8Array, options?: ManifestOptions) => {
  try {
    return JSON.stringify(rows(await listed(name, text, options)));
  } catch (error) {
    return (error as Error).message;
  }
};

describe('manifest', () => {
  it.each([
    ['a.csv', 'path,label\ncat/1.jpg,cat\ncat/a b.jpg,cat\ndog/1.jpg,dog\n'],
    [
      'a.csv',
      '\ufeffid,Label,"File_Name"\r\n1,cat,"cat/1.jpg"\r\n\r\n2,cat,cat/a b.jpg\r\n"3, or so","dog",dog/1.jpg',
    ],
    ['a.csv', 'image;class\ncat/1.jpg;cat\ncat/a b.jpg;cat\ndog/1.jpg;dog\n'],
    ['a.csv', 'cat/1.jpg,cat\ncat/a b.jpg,cat\ndog/1.jpg,dog\n'],
    ['a.csv', 'cat,cat/1.jpg\ncat,cat/a b.jpg\ndog,dog/1.jpg\n'],
    [
      'a.csv',
      'text,path,label\n"a ""cat"",\nwith two lines",cat/1.jpg,cat\n,cat/a b.jpg,cat\n"",dog/1.jpg,dog\n',
    ],
    ['a.tsv', 'filename\ttarget\ncat/1.jpg\tcat\ncat/a b.jpg\tcat\ndog/1.jpg\tdog\n'],
    ['a.txt', 'cat/1.jpg\tcat\ncat/a b.jpg\tcat\ndog/1.jpg\tdog\n'],
    ['a.txt', '# three\ncat/1.jpg cat\n\ncat/a b.jpg cat\r\ndog/1.jpg   dog  '],
    ['a.lst', './cat/1.jpg cat\ncat//a b.jpg cat\ndog\\1.jpg dog'],
    [
      'a.jsonl',
      '{"file_name":"cat/1.jpg","label":"cat"}\n{"label":"cat","file_name":"cat/a b.jpg"}\n\n{"file_name":"dog/1.jpg","label":"dog"}\n',
    ],
    [
      'a.txt',
      '{"path":"cat/1.jpg","class":"cat"}\n{"path":"cat/a b.jpg","class":"cat"}\n{"path":"dog/1.jpg","class":"dog"}',
    ],
  ])('reads %s: %j', async (name, text) => {
    expect(rows(await listed(name, text))).toEqual(same);
  });

  it('has the digest of the folder with the same images, whose keys are the paths', async () => {
    const root = folderOf({
      ...images,
      'a.csv': 'path,label\ncat/1.jpg,cat\ncat/a b.jpg,cat\ndog/1.jpg,dog',
    });
    const digest = await datasetDigest(await openDataset(root));
    expect(await datasetDigest(await openDataset(join(root, 'a.csv')))).toBe(digest);
    const absolute = same.map(([path, label]) => `${join(root, path as string)} ${label}`).join('\n');
    const lists = folderOf({ 'x.lst': absolute });
    expect(await datasetDigest(await manifest(join(lists, 'x.lst'), { imageRoot: root }))).toBe(digest);
    const elsewhere = await manifest(join(lists, 'x.lst'));
    expect([elsewhere.key(0), await elsewhere.byteLength(0)]).toEqual([join(root, 'cat/1.jpg'), 3]);
  });

  it('takes columns by names that are given, and of lists without a header by their numbers', async () => {
    const text = 'id,breed\ncat/1.jpg,cat\ncat/a b.jpg,cat\ndog/1.jpg,dog\n';
    expect(rows(await listed('a.csv', text, { imageMember: 'id', labelKey: 'breed' }))).toEqual(same);
    const numbers = text.replace('id,breed\n', '').replaceAll('\n', ',0\n');
    expect(rows(await listed('a.csv', numbers, { labelKey: '2' }))).toEqual(same);
    const objects = same.map(([file, name]) => JSON.stringify({ file, is: { name } })).join('\n');
    expect(rows(await listed('a.jsonl', objects, { labelKey: 'is.name' }))).toEqual(same);
  });

  it('keeps numbers as classes, also as floats, and names them by a file beside the list', async () => {
    const numbers = 'cat/1.jpg 2\ncat/a b.jpg 2\ndog/1.jpg 0\n';
    expect(rows(await listed('a.txt', numbers)).map(([, name]) => name)).toEqual(['2', '2', '0']);
    const mxnet = '7\t2.000000\tcat/1.jpg\n3\t2.000000\tcat/a b.jpg\n4\t0.000000\tdog/1.jpg\n';
    expect(rows(await listed('a.lst', mxnet))).toEqual(rows(await listed('a.txt', numbers)));
    const names = async (files: Readonly<Record<string, string>>, onMessage?: (message: string) => void) => {
      const path = join(folderOf({ ...images, 'a.txt': numbers, ...files }), 'a.txt');
      return (await manifest(path, { ...(onMessage && { onMessage }) })).classes;
    };
    expect(await names({ 'classes.txt': 'dog\nemu\ncat\n' })).toEqual(['dog', 'emu', 'cat']);
    const synsets = 'n01440764 tench\nn01443537 goldfish\nn01484850 great white shark\n';
    expect(await names({ 'synset_words.txt': synsets })).toEqual(['n01440764', 'n01443537', 'n01484850']);
    await expect(() => names({ 'labels.txt': 'dog\ncat' })).rejects.toThrow(
      /class 2 has no name \(2 are given.*labels\.txt/,
    );
    const said: string[] = [];
    expect(await names({ 'labels.txt': '0\n0\n1' }, (message) => said.push(message))).toEqual([
      '0',
      '1',
      '2',
    ]);
    expect(said).toEqual([expect.stringMatching(/labels\.txt: is passed over: .*line 2 is empty, or there/)]);
    expect((await listed('a.txt', numbers, { classes: ['a', 'b', 'c', 'd'] })).classes).toHaveLength(4);
  });

  it('takes an empty class, null and -1 for none', async () => {
    const labels = (dataset: Dataset) => each(dataset, dataset.label);
    expect(labels(await listed('a.csv', 'path,label\ncat/1.jpg,\ncat/a b.jpg,-1\ndog/1.jpg,dog'))).toEqual([
      -1, -1, 0,
    ]);
    const json =
      '{"file":"cat/1.jpg","label":null}\n{"file":"cat/a b.jpg","label":-1}\n{"file":"dog/1.jpg","label":0}';
    expect(labels(await listed('a.jsonl', json))).toEqual([-1, -1, 0]);
  });

  it('gives several classes where JSON has lists of them, or a separator is told', async () => {
    const several = (dataset: Dataset) => [dataset.classes, each(dataset, (at) => dataset.labels?.(at))];
    const expected = [
      ['cat', 'dog', 'wild'],
      [[0, 2], [], [1]],
    ];
    const json =
      '{"file":"cat/1.jpg","label":["wild","cat"]}\n{"file":"cat/a b.jpg","label":[]}\n{"file":"dog/1.jpg","label":"dog"}';
    expect(several(await listed('a.jsonl', json))).toEqual(expected);
    const csv = 'path,label\ncat/1.jpg,wild|cat|cat\ncat/a b.jpg,\ndog/1.jpg,dog\n';
    expect(several(await listed('a.csv', csv, { labelSeparator: '|' }))).toEqual(expected);
    expect(each(await listed('a.csv', csv, { labelSeparator: '|' }), (at) => at)).toHaveLength(3);
    expect((await listed('a.csv', csv)).labels).toBeUndefined();
  });

  it.each([
    [
      'a.csv',
      'path,label\ncat/1.jpg,cat\n./cat/1.jpg,dog',
      'a.csv: line 3: cat/1.jpg is listed before already',
    ],
    ['a.csv', 'path,label\ncat/1.jpg,cat,3', 'a.csv: line 2: expected 2 columns, as in the first row, got 3'],
    ['a.csv', 'path,label\n"cat/1.jpg,cat', 'a.csv: line 2: a quote (") is not closed'],
    ['a.csv', 'path,label\n,cat', 'a.csv: line 2: has no path'],
    ['a.csv', 'path,label\ncat/1.jpg,1.5', 'a.csv: line 2: expected the class as an integer of 0..4194303'],
    ['a.csv', 'path,label\ncat/1.jpg,3\ndog/1.jpg,dog', 'a.csv: line 3: dog/1.jpg has the name "dog", and'],
    [
      'a.csv',
      'path,text\ncat/1.jpg,sits',
      'has no column of classes (label, labels, class, class_name, category, target): labelKey (--label-key) says which; the columns are: path, text',
    ],
    ['a.csv', 'id,breed\ncat/1.jpg,sits', 'has no column of paths (path, file, '],
    [
      'a.csv',
      '0,cat/1.jpg,cat',
      'labelKey (--label-key) says which; the columns are: 3, without names: they count from 1',
    ],
    ['a.csv', 'path,label\n', 'a.csv: lists no images'],
    ['a.csv', '', 'a.csv: lists no images'],
    ['a.csv', 'path,label\ncat/1.jpg,\n', 'a.csv: not one image has a class'],
    [
      'a.csv',
      'path,label\nftp://x.org/cat/1.jpg?secret,cat',
      'a.csv: line 2: ftp://x.org/cat/1.jpg: data at an address that is not read',
    ],
    [
      'a.csv',
      Buffer.from('path,label\ncat/1.jpg,cat\ncaf\xe9.jpg,cat', 'latin1'),
      'a.csv: line 3: is not UTF-8',
    ],
    ['a.csv', Buffer.from('\ufeffpath,label\n', 'utf16le'), 'a.csv: is UTF-16: save it as UTF-8'],
    ['a.txt', Buffer.from([0, 1, 2]), 'a.txt: is no text'],
    ['a.txt', 'cat/1.jpg', 'a.txt: line 1: expected a path, a space and a class, got "cat/1.jpg"'],
    ['a.txt', 'cat/a b.jpg', 'a.txt: line 1: expected a path, a space and a class'],
    ['a.txt', 'photos/1.jpg cat\nphotos/2.jpg dog', 'not one of 2 images looked at is there, the first at '],
    ['a.jsonl', '{"file":"cat/1.jpg"}', 'has no class (label, '],
    [
      'a.jsonl',
      '{"file":"cat/1.jpg","label":{"name":"cat"}}',
      'in label, labels, class, class_name, category, target, got {"name":"cat"}; in it are: name: labelKey',
    ],
    ['a.jsonl', '{"file":"cat/1.jpg","label":[["cat"]]}', 'got ["cat"]; in it are: 0'],
    ['a.jsonl', '{"file":"cat/1.jpg"', 'a.jsonl: line 1: is not JSON: '],
    [
      'a.jsonl',
      '[1]',
      'a.jsonl: line 1: expected an object, such as {"file_name": "cat/1.jpg", "label": "cat"}, got [1]',
    ],
  ])('refuses what is wrong in %s: %j', async (name, text, message) => {
    expect(await failure(name, text)).toContain(message);
  });

  it('lists what is not there where others are: it is a bad sample', async () => {
    const dataset = await listed('a.txt', 'cat/1.jpg cat\ncat/2.jpg cat');
    await expect(dataset.byteLength(1)).rejects.toThrow(/cat\/2\.jpg: cannot be read: no such file/);
  });

  it('reads names that are no UTF-8 as folders write them, and paths that leave the folder', async () => {
    const root = folderOf({ 'lists/a.txt': '../cat/1.jpg cat\n../cat/caf\\xe9.jpg cat', ...images });
    const dataset = await manifest(join(root, 'lists/a.txt'));
    expect([dataset.key(0), dataset.place?.(0).path]).toEqual(['../cat/1.jpg', join(root, 'cat/1.jpg')]);
    expect(Buffer.from(dataset.locator(1) as Uint8Array).includes(0xe9)).toBe(true);
  });

  it('reads a file of many pieces', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `cat/${i}.jpg,${'x'.repeat(20)}`);
    const dataset = await listed('a.csv', ['path,label', 'cat/1.jpg,x', ...lines.slice(2)].join('\n'));
    expect(dataset.length).toBe(59_999);
  });
});

describe('openDataset, of lists', () => {
  const metadata = 'file_name,label\n1.jpg,cat\n2.jpg,dog\n';
  const flat = { '1.jpg': 'one', '2.jpg': 'two' };

  it('opens a list by its name, and the metadata of a folder of images, in folders of splits too', async () => {
    const root = folderOf({
      ...flat,
      'metadata.csv': metadata,
      'train/metadata.csv': metadata,
      'train/1.jpg': '',
    });
    expect(rows(await openDataset(root))).toEqual([
      ['1.jpg', 'cat'],
      ['2.jpg', 'dog'],
    ]);
    expect(await splitsOf(root)).toEqual([]);
    rmSync(join(root, 'metadata.csv'));
    expect([await splitsOf(root), (await openDataset(root)).name]).toEqual([
      ['train'],
      `manifest(${root}/train/metadata.csv)`,
    ]);
    expect((await openDataset(root)).split).toBe('train');
    await expect(() => openDataset(root, { split: 'val' })).rejects.toThrow(/has no val split/);
  });

  it('opens lists that are named as splits, and the rows of a column split', async () => {
    const root = folderOf({
      ...images,
      'train.csv': 'path,label\ncat/1.jpg,cat',
      'val_list.txt': 'dog/1.jpg dog',
    });
    expect(await splitsOf(root)).toEqual(['train', 'val']);
    expect([await openDataset(root), await openDataset(root, { split: 'val' })].map(rows)).toEqual([
      [['cat/1.jpg', 'cat']],
      [['dog/1.jpg', 'dog']],
    ]);
    const column = folderOf({
      ...images,
      'all.csv': 'path,label,split\ncat/1.jpg,cat,train\ndog/1.jpg,dog,validation',
    });
    const path = join(column, 'all.csv');
    expect(await splitsOf(path)).toEqual(['train', 'val']);
    const val = await openDataset(path, { split: 'val' });
    expect([rows(val), val.split, val.name]).toEqual([
      [['dog/1.jpg', 'dog']],
      'val',
      `manifest(${path}, val)`,
    ]);
    await expect(() => openDataset(path, { split: 'test' })).rejects.toThrow(
      /has no rows of the split test; there is: train, val/,
    );
    await expect(() => openDataset(join(root, 'train.csv'), { split: 'val' })).rejects.toThrow(
      /has no val rows/,
    );
    const json = folderOf({ ...flat, 'a.jsonl': '{"file":"1.jpg","label":0,"split":"fold 1"}' });
    await expect(() => openDataset(join(json, 'a.jsonl'))).rejects.toThrow(
      /line 1: expected the split train, val, test, got "fold 1"/,
    );
  });

  it('takes folders of splits rather than lists beside them, and class folders rather than a list of other files', async () => {
    const list = 'path,label\ncat/1.jpg,cat';
    expect((await openDataset(folderOf({ 'train/cat/1.jpg': '', 'train.csv': list }))).name).toMatch(
      /^imageFolder/,
    );
    const other = folderOf({ ...images, 'train.csv': 'path,label\nother/1.jpg,cat' });
    expect((await openDataset(other)).name).toMatch(/^imageFolder/);
    expect(
      (await openDataset(folderOf({ ...images, 'notes.txt': 'hello', 'labels.csv': list }))).name,
    ).toMatch(/^imageFolder/);
  });

  it('says which options say nothing of a list', async () => {
    const said: string[] = [];
    const onMessage = (message: string) => said.push(message);
    const path = join(folderOf({ ...images, 'a.txt': 'cat/1.jpg cat' }), 'a.txt');
    await openDataset(path, { imageRoot: join(path, '..'), labelSeparator: '|', onMessage });
    expect(said).toEqual([]);
    await openDataset(join(path, '..'), { imageRoot: 'x', labelSeparator: '|', onMessage });
    expect(said).toEqual([
      expect.stringMatching(/: imageRoot \(--image-root\), labelSeparator \(.*\) say nothing of it$/),
    ]);
  });
});
