import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KnownAddresses } from '../../../src/datasets/opening/known-addresses.ts';
import { openDataset } from '../../../src/datasets/opening/open-dataset.ts';
import { inspectDataset } from '../../../src/inspect/inspect-dataset.ts';
import { evaluatedSplit, type OpenDataOptions, openData } from '../../../src/streams/open-data.ts';
import { openTrainingData } from '../../../src/training/training-data.ts';
import { openValidation } from '../../../src/training/validation.ts';
import { folderOf } from '../../support/folders.ts';
import { serveHub } from '../../support/hf-hub.ts';
import { answer } from '../../support/http-server.ts';
import { served } from '../../support/remote-sources.ts';
import { tarOf, tarSample } from '../../support/tar.ts';

afterEach(() => vi.unstubAllEnvs());

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

describe('data at an address', () => {
  it('are listed once for training, validation and the questions for splits', async () => {
    const { hub } = await serveHub({ 'train/0.tar': shard('a'), 'val/0.tar': shard('b') }, 'token');
    vi.stubEnv('HF_ENDPOINT', hub.url);
    vi.stubEnv('HF_TOKEN', 'token');
    vi.stubEnv('XDG_CACHE_HOME', folderOf());
    const data = 'hf://datasets/org/name';
    const listings = () => hub.requests.splice(0).filter(({ url }) => url?.includes('/revision/')).length;
    const options = { data, evaluation: {}, stream: {} };
    const open = async () => {
      const known = new KnownAddresses();
      const { dataset } = await openTrainingData(options, () => {}, known);
      const validation = await openValidation(options, dataset.classes, undefined, () => {}, known);
      return [dataset.name, 'dataset' in validation && validation.dataset.name];
    };
    expect(await open()).toEqual([`webDataset(${data}, train)`, `webDataset(${data}, val)`]);
    expect(listings()).toBe(1);
    // another run sees what has changed since
    await open();
    expect(listings()).toBe(1);
    const division = { train: ['train'], val: ['val'] };
    expect(await inspectDataset(data, { samples: 0 })).toMatchObject({ samples: 1, splits: division });
    expect(listings()).toBe(1);
  });

  it('are looked for again where that failed', async () => {
    const { server } = await served({ 'a.tar': shard('a') });
    const known = new KnownAddresses();
    const open = () => openDataset(`${server.url}/a.tar`, { known });
    server.faults.push(answer(404));
    await expect(open()).rejects.toThrow(/a\.tar: no such object/);
    expect((await open()).length).toBe(1);
  });
});
