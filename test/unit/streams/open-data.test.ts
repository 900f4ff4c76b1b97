import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluatedSplit, type OpenDataOptions, openData } from '../../../src/streams/open-data.ts';
import { folderOf } from '../../support/folders.ts';
import { tarOf, tarSample } from '../../support/tar.ts';

const shard = (key: string) => tarOf(tarSample(key, 0));

/** What is told when the data at a path are opened. */
async function toldOf(path: string, options: OpenDataOptions = {}): Promise<string[]> {
  const told: string[] = [];
  await openData(path, options, (message) => told.push(message.replaceAll(path, 'photos')));
  return told;
}

describe('openData', () => {
  it('tells what is passed over, and nothing where all is as it should be', async () => {
    const path = folderOf({ 'cat/1.jpg': '', 'cat/1.txt': '', 'cat/2.heic': '', 'cat/3.txt': '' });
    expect(await toldOf(path)).toEqual(['photos: passed over 2 .txt, 1 .heic']);
    expect(await toldOf(folderOf({ 'cat/1.jpg': '' }))).toEqual([]);
  });

  it('tells in one line what was taken for what, and what was left', async () => {
    const path = folderOf({
      'Training/a/1.jpg': '',
      'Training/1.txt': '',
      'VALID/a/2.jpg': '',
      'test/3.jpg': '',
    });
    expect(await toldOf(path, { split: 'train' })).toEqual([
      'photos: train from Training; not used: VALID, test; passed over 1 .txt',
    ]);
    expect(await toldOf(path, { split: 'train', uses: ['train', 'val'] })).toEqual([
      'photos: train from Training, val from VALID; not used: test; passed over 1 .txt',
    ]);
    expect(await toldOf(path, { split: 'val', uses: [] })).toEqual([]);
    expect(await toldOf(path)).toEqual([expect.stringContaining('photos: train from Training; not used:')]);
    const shards = folderOf(
      Object.fromEntries(['train-0', 'train-1', 'val-0'].map((name) => [`${name}.tar`, shard(name)])),
    );
    expect(await toldOf(shards, { split: 'train' })).toEqual([
      'photos: train from train-0.tar and 1 more; not used: val-0.tar',
    ]);
    const beside = folderOf({ 'cat/1.jpg': '', 'validation/cat/2.jpg': '' });
    expect(await toldOf(beside, { split: 'train' })).toEqual([
      'photos: train from the class folders; not used: validation',
    ]);
  });

  it('tells of data that are named outright, but as another split', async () => {
    const path = join(folderOf({ 'val/a/1.jpg': '' }), 'val');
    expect(await toldOf(path, { split: 'train' })).toEqual([
      'photos: is taken for train, although its name says val',
    ]);
    expect(await toldOf(path)).toEqual([]);
  });
});

describe('evaluatedSplit', () => {
  it('is val, or test where there is no val, or all of what is undivided', async () => {
    const [a, b, c] = ['train/a/1.jpg', 'validation/a/1.jpg', 'test/a/1.jpg'].map((path) => ({ [path]: '' }));
    expect(await evaluatedSplit(folderOf({ ...a, ...b, ...c }))).toEqual({ split: 'val' });
    expect(await evaluatedSplit(folderOf({ ...a, ...c }))).toEqual({ split: 'test' });
    expect(await evaluatedSplit(folderOf({ ...a }))).toEqual({ split: 'val' });
    expect(await evaluatedSplit(folderOf({ 'a/1.jpg': '' }))).toEqual({});
  });
});
