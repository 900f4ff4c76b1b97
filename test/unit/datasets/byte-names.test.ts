import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../../src/datasets/dataset.ts';
import { imageFiles } from '../../../src/datasets/folder/image-files.ts';
import { nameInWords, pathIn, pathInWords, writtenPath } from '../../../src/datasets/opening/file-path.ts';
import {
  type Dataset,
  datasetDigest,
  imageFolder,
  images,
  openDataset,
  webDataset,
} from '../../../src/index.ts';
import { folderOf, latinFolderOf } from '../../support/folders.ts';
import { tarOf, tarSample } from '../../support/tar.ts';

const keys = (dataset: Dataset) => Array.from({ length: dataset.length }, (_, i) => dataset.key(i));

/** What is read in place of each sample, its locator sent to another thread before. */
async function contents(dataset: Dataset): Promise<string[]> {
  const reader = await openReader(dataset.reader);
  const read = async (index: number) => String(await reader.read(structuredClone(dataset.locator(index))));
  const all: string[] = [];
  for (let index = 0; index < dataset.length; index++) all.push(await read(index));
  await reader.close();
  return all;
}

describe('the text of a name of bytes', () => {
  it('is the name itself where that is UTF-8', () => {
    for (const name of ['a b.jpg', 'é日本😀.png', 'a\\b\\x4.jpg', '\\xE9', '\ufffd.jpg'])
      expect([nameInWords(Buffer.from(name)), nameInWords(name)]).toEqual([name, name]);
  });

  it('has \\xNN for what is not, and \\x5c for a backslash that looks like it', () => {
    expect(nameInWords(Buffer.from('caf\xe9.jpg', 'latin1'))).toBe('caf\\xe9.jpg');
    for (const name of ['caf\\xe9.jpg', Buffer.from('caf\\xe9.jpg')])
      expect(nameInWords(name)).toBe('caf\\x5cxe9.jpg');
    const cut = Buffer.concat([Buffer.from('日'), Buffer.from('日').subarray(0, 2), Buffer.from('é')]);
    expect(nameInWords(cut)).toBe('日\\xe6\\x97é');
  });

  it('finds the bytes again, whatever they are', () => {
    const parts = fc.constantFrom('\\', 'x', '4', 'e9', '\xe9', '\xc3\xa9', '\xff', '\\x41', '\\x5c');
    const bytes = fc.array(parts, { minLength: 1 }).map((some) => Buffer.from(some.join(''), 'latin1'));
    fc.assert(
      fc.property(bytes, (name) => {
        const path = pathIn('/data', nameInWords(name));
        expect(Buffer.from(path)).toEqual(Buffer.concat([Buffer.from(join('/data', '/')), name]));
        expect(Buffer.from(writtenPath(nameInWords(name)))).toEqual(name);
        if (typeof path !== 'string') expect(pathInWords(path)).toBe(`/data/${nameInWords(name)}`);
      }),
    );
  });
});

// other systems refuse such names
describe.runIf(process.platform === 'linux')('files whose names are no UTF-8', () => {
  const files = {
    'caf\xe9/\xe9.jpg': 'one',
    'caf\xe9/\xe8.jpg': 'two',
    'caf\xe9/deep\xff/1.jpg': 'three',
    'dog/\\xe9.jpg': 'four',
    'dog/1.jpg': 'five',
  };
  const expected = [
    ['caf\\xe9/\\xe8.jpg', 'two'],
    ['caf\\xe9/\\xe9.jpg', 'one'],
    ['caf\\xe9/deep\\xff/1.jpg', 'three'],
    ['dog/1.jpg', 'five'],
    ['dog/\\x5cxe9.jpg', 'four'],
  ] as const;

  it('are read from a folder, each under a key of its own', async () => {
    const root = latinFolderOf(files);
    for (const dataset of [imageFolder(root), await openDataset(root)]) {
      expect(keys(dataset)).toEqual(expected.map(([key]) => key));
      expect(await contents(dataset)).toEqual(expected.map(([, content]) => content));
      expect(dataset.classes).toEqual(['caf\\xe9', 'dog']);
      expect(dataset.place?.(0)).toEqual({ path: join(root, 'caf\\xe9/\\xe8.jpg') });
    }
  });

  it('have the digest of their keys and lengths', async () => {
    const same = images(
      expected.map(([key, content]) => ({
        key,
        label: key.startsWith('dog') ? 1 : 0,
        image: Buffer.from(content),
      })),
      { classes: ['caf\\xe9', 'dog'] },
    );
    expect(await datasetDigest(imageFolder(latinFolderOf(files)))).toBe(await datasetDigest(same));
  });

  it('are told of where they cannot be read, and where a link leads in a circle', async () => {
    const root = latinFolderOf(files);
    const loop = Buffer.from(`${root}/caf\xe9/deep\xff/up`, 'latin1');
    symlinkSync('..', loop);
    expect(() => imageFolder(root)).toThrow(/caf\\xe9\/deep\\xff\/up: is a link to a folder it lies in/);
    const dataset = imageFolder(latinFolderOf({ 'a/\xe9.jpg': '' }));
    const gone = { ...dataset, locator: () => Buffer.from('/nowhere/\xe9.jpg', 'latin1') };
    const reader = await openReader(gone.reader);
    expect(() => reader.read(gone.locator())).toThrow(
      expect.objectContaining({ code: 'MISSING_FILE', sample: '/nowhere/\\xe9.jpg' }),
    );
  });

  it('may be shards', async () => {
    const root = latinFolderOf({ '\xe9.tar': tarOf(tarSample('a', 0, 'one')), '\xe8.tar': tarOf([]) });
    const heard: string[] = [];
    await webDataset(root, { onMessage: (message) => heard.push(message) });
    expect(heard).toEqual([expect.stringContaining('\\xe8.tar')]);
    const good = latinFolderOf({
      '\xe9.tar': tarOf(tarSample('a', 0, 'one')),
      '\xe8.tar': tarOf(tarSample('b', 0, 'two')),
    });
    expect(await contents(await openDataset(good))).toEqual(['two', 'one']);
    expect((await webDataset(good)).place?.(1)).toMatchObject({ path: join(good, '\\xe9.tar') });
  });

  it('are found by the text of their names, and by what the shell made of them', async () => {
    const root = latinFolderOf({ 'caf\xe9/1.jpg': 'one', 'caf\xe9/\xe9.jpg': 'two' });
    const paths = ['caf\\xe9/1.jpg', 'caf\ufffd/1.jpg', 'caf\ufffd/\ufffd.jpg'].map((path) =>
      join(root, path),
    );
    const dataset = imageFiles(paths);
    expect(await contents(dataset)).toEqual(['one', 'one', 'two']);
    expect(keys(dataset)).toEqual([paths[0], paths[0], join(root, 'caf\\xe9/\\xe9.jpg')]);
    const literal = join(folderOf({ '\\xe9.jpg': 'three' }), '\\xe9.jpg');
    expect(await contents(imageFiles([literal]))).toEqual(['three']);
    const two = latinFolderOf({ '\xe8.jpg': '', '\xe9.jpg': '' });
    expect(() => imageFiles([join(two, '\ufffd.jpg')])).toThrow(/could be \\xe[89]\.jpg or \\xe[89]\.jpg/);
    expect(() => imageFiles([join(two, 'x\ufffd.jpg')])).toThrow('no such file');
  });

  it('as the source itself are opened by a link, as the error says', async () => {
    const root = latinFolderOf({ 'caf\xe9/cat/1.jpg': '' });
    await expect(() => openDataset(join(root, 'caf\ufffd'))).rejects.toThrow(
      /no such file or folder \(.*: name a link to it\)$/,
    );
    symlinkSync(Buffer.from(`${root}/caf\xe9`, 'latin1'), join(root, 'link'));
    expect(keys(await openDataset(join(root, 'link')))).toEqual(['cat/1.jpg']);
  });
});
