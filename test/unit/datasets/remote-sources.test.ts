import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Dataset, datasetDigest, openReader } from '../../../src/datasets/dataset.ts';
import { openDataset, splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import { webDataset } from '../../../src/datasets/tar/web-dataset.ts';
import { folderOf } from '../../support/folders.ts';
import { half, reset, serveHttp } from '../../support/http-server.ts';
import { parquetBytes } from '../../support/parquet.ts';
import { openServed, served } from '../../support/remote-sources.ts';
import { lacksS3, serveS3 } from '../../support/s3.ts';
import { tarOf, tarSample } from '../../support/tar.ts';
import { recordsOf } from '../../support/tf-records.ts';

beforeEach(() => void vi.stubEnv('XDG_CACHE_HOME', folderOf()));
afterEach(() => vi.unstubAllEnvs());

const shard = (name: string, bytes = 700, samples = 3) =>
  tarOf(
    Array.from({ length: samples }, (_, i) =>
      tarSample(`${name}-${i}`, i % 3, Buffer.alloc(bytes, i)),
    ).flat(),
  );
const records = (name: string) =>
  recordsOf([1, 0, 2].map((label) => ({ image: `${name} ${label}`, label, file_name: `${name}-${label}` })));

const sources: Record<string, Record<string, Buffer>> = {
  'tar shards': { 'a.tar': shard('a'), 'b.tar': shard('b') },
  TFRecords: { 'a.tfrecord': records('a'), 'b.tfrecord': records('b') },
  'Parquet files': { 'a.parquet': parquetBytes('groups of 5') },
};

/** All images, asked for at once. */
async function imagesOf(dataset: Dataset): Promise<string[]> {
  const reader = await openReader(dataset.reader);
  const locators = Array.from({ length: dataset.length }, (_, index) => dataset.locator(index));
  reader.prefetch?.(locators);
  const images: string[] = [];
  for (const locator of locators)
    images.push((await (reader.read(locator) as Promise<Buffer>)).toString('hex'));
  await reader.close();
  return images;
}

describe.each(Object.entries(sources))('%s on the network', (_, files) => {
  it('have the digest, the classes and the images of the same files on the disk', async () => {
    const there = await served(files);
    const [remote, local] = [await openServed(there), await openDataset(there.folder)];
    expect(await datasetDigest(remote)).toBe(await datasetDigest(local));
    expect(remote.classes).toEqual(local.classes);
    expect(await imagesOf(remote)).toEqual(await imagesOf(local));
    expect(remote.place?.(0)).toEqual({ ...local.place?.(0), path: expect.stringMatching(/^http:.*\/a\./) });
  });

  it('are read through connections that break', async () => {
    const there = await served(files);
    there.server.faults.push(reset);
    const remote = await openServed(there);
    there.server.faults.push(half, reset);
    expect(await imagesOf(remote)).toEqual(await imagesOf(await openDataset(there.folder)));
    expect(there.server.faults).toEqual([]);
  });

  it('are no others than those that were listed', async () => {
    const there = await served(files);
    const remote = await openServed(there);
    const [path, bytes] = [...there.server.objects][0] as [string, Buffer];
    const changed = Buffer.from(bytes);
    changed[changed.length >> 1] = 255 - (changed[changed.length >> 1] as number);
    there.server.objects.set(path, changed);
    const reader = await openReader(remote.reader);
    reader.prefetch?.([remote.locator(0)]);
    // nobody waits for it yet
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(reader.read(remote.locator(0))).rejects.toThrow(
      expect.objectContaining({
        name: 'BackendError',
        code: 'CHANGED_DATA',
        message: expect.stringContaining(`${there.server.url}${path}`),
      }),
    );
    await reader.close();
  });
});

describe('an address', () => {
  it('is told by its first bytes, whatever its name', async () => {
    const names = {
      one: shard('a'),
      two: records('a'),
      three: parquetBytes('groups of 5'),
      four: Buffer.from('no'),
    };
    const { server } = await served(names);
    const nameOf = async (path: string) => (await openDataset(`${server.url}/${path}`)).name;
    expect(await nameOf('one')).toBe(`webDataset(${server.url}/one)`);
    expect(await nameOf('two')).toBe(`tfRecords(${server.url}/two)`);
    expect(await nameOf('three')).toBe(`parquet(${server.url}/three)`);
    await expect(nameOf('four')).rejects.toThrow(/four: is not a dataset that can be read; over the network/);
    await expect(nameOf('five')).rejects.toThrow(/five: no such object/);
  });

  it('may be a list in braces, divided by the names in it', async () => {
    const files = { 'train-0.tar': shard('a'), 'train-1.tar': shard('b'), 'val-0.tar': shard('c') };
    const { server } = await served(files);
    const list = `${server.url}/{train-0,train-1,val-0}.tar`;
    expect(await splitsOf(list)).toEqual(['train', 'val']);
    expect((await openDataset(list)).length).toBe(6);
    expect((await openDataset(list, { split: 'val' })).key(0)).toBe('c-0.jpg');
    await expect(openDataset(list, { split: 'test' })).rejects.toThrow(/has no test split/);
    const [first, last] = [`${server.url}/train-1.tar`, `${server.url}/val-0.tar`];
    expect((await webDataset([first, last])).key(3)).toBe('c-0.jpg');
    await expect(openDataset(last, { split: 'test' })).rejects.toThrow(/has no test split \(it is one file/);
  });

  it('is shown without what gives access to it', async () => {
    const { server } = await served({ 'a.tar': shard('a') });
    const dataset = await openDataset(`${server.url.replace('//', '//user:secret@')}/a.tar?signature=secret`);
    expect(dataset.name).toBe(`webDataset(${server.url}/a.tar)`);
    expect(JSON.stringify([dataset.reader, dataset.place?.(0)])).not.toContain('secret');
    expect((await imagesOf(dataset)).length).toBe(3);
    expect(server.requests.every(({ url }) => url?.endsWith('?signature=secret'))).toBe(true);
  });
});

describe('listing over the network', () => {
  const bytesAsked = (requests: readonly { headers: { range?: string | undefined } }[]) =>
    requests.reduce((sum, { headers }) => {
      const [, start, end] = /(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
      return sum + Number(end) - Number(start) + 1;
    }, 0);

  it('streams small members, many to a request', async () => {
    const tar = shard('a', 20_000, 200);
    const { server } = await served({ 'a.tar': tar });
    expect((await openDataset(`${server.url}/a.tar`)).length).toBe(200);
    expect(server.requests.length).toBeLessThan(20);
    expect(bytesAsked(server.requests)).toBeLessThan(1.1 * tar.length);
  });

  it('reads the headers alone of large members, of several shards at once', async () => {
    const tar = shard('a', 1_000_000, 8);
    const { server } = await served({ 'a.tar': tar, 'b.tar': shard('b', 1_000_000, 8) });
    server.options = { latencyMs: 5 };
    expect((await openDataset(`${server.url}/{a,b}.tar`)).length).toBe(16);
    expect(bytesAsked(server.requests)).toBeLessThan(0.2 * tar.length);
    expect(server.mostAtOnce).toBe(2);
  });

  it('is done once for a Parquet file, as long as the object is the same', async () => {
    const { server } = await served({ 'a.parquet': parquetBytes('groups of 5') });
    const open = () => openDataset(`${server.url}/a.parquet`);
    const expected = await datasetDigest(await open());
    server.requests.splice(0);
    expect(await datasetDigest(await open())).toBe(expected);
    // the object is looked up, and its first bytes are
    expect(server.requests.length).toBe(2);
    server.objects.set('/a.parquet', parquetBytes('texts'));
    expect((await open()).classes).not.toEqual([]);
    expect(server.requests.length).toBeGreaterThan(5);
  });

  const listed = Object.entries(sources).filter(([name]) => name !== 'Parquet files');

  it.each(listed)('is done once for %s, as long as the objects are the same', async (_, files) => {
    const there = await served(files);
    const expected = await datasetDigest(await openDataset(there.folder));
    await openServed(there);
    there.server.requests.splice(0);
    const dataset = await openServed(there);
    // each object is looked up, and the first one's first bytes are; of TFRecords, the names of classes beside them
    const asked = there.server.requests.filter(({ url }) => /a\.|b\./.test(url as string));
    expect(asked.length).toBe(Object.keys(files).length + 1);
    expect(await datasetDigest(dataset)).toBe(expected);
    expect(await imagesOf(dataset)).toEqual(await imagesOf(await openDataset(there.folder)));
  });

  it('is done anew for an object that was replaced, and where what was kept is damaged', async () => {
    const there = await served({ 'a.tar': shard('a') });
    await openServed(there);
    const lists = join(process.env['XDG_CACHE_HOME'] as string, 'millrace', 'lists');
    const [kept] = readdirSync(lists) as [string];
    const bytes = readFileSync(join(lists, kept));
    for (const at of [0, 17, 40, bytes.length - 1]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = 255 - (damaged[at] as number);
      writeFileSync(join(lists, kept), damaged);
      expect((await openServed(there)).key(0)).toBe('a-0.jpg');
      expect(readFileSync(join(lists, kept))).toEqual(bytes);
    }
    writeFileSync(join(lists, kept), bytes.subarray(0, 10));
    expect((await openServed(there)).length).toBe(3);
    there.server.objects.set('/a.tar', shard('b', 700, 4));
    expect((await openServed(there)).key(3)).toBe('b-3.jpg');
    expect(readdirSync(lists)).toEqual([kept]);
  });

  it('is another one by other options, and keeps what is wrong with samples', async () => {
    const { server } = await served({
      'a.tar': tarOf([
        ...[{ name: '1.jpg' }, { name: '1.json', data: '{"a": 1, "b": "x"}' }],
        ...[{ name: '2.jpg' }, { name: '2.json', data: '{"a": 0}' }],
      ]),
    });
    for (let i = 0; i < 2; i++) {
      expect((await openDataset(`${server.url}/a.tar`, { labelKey: 'a' })).label(0)).toBe(1);
      const byName = await openDataset(`${server.url}/a.tar`, { labelKey: 'b' });
      expect([byName.classes, byName.label(1)]).toEqual([['x'], -1]);
      const reader = await openReader(byName.reader);
      expect(() => reader.read(byName.locator(1))).toThrow(/2\.json: has no b \(labelKey/);
      await reader.close();
    }
  });

  it('is not kept where it failed', async () => {
    const there = await served({ 'a.tar': shard('a').subarray(0, 900) });
    for (let i = 0; i < 2; i++) await expect(openServed(there)).rejects.toThrow(/a\.tar: is cut/);
    expect(existsSync(join(process.env['XDG_CACHE_HOME'] as string, 'millrace'))).toBe(false);
  });

  it('reads the names of classes that lie beside TFRecords', async () => {
    const { server } = await served({
      'a.tfrecord': records('a'),
      'label.labels.txt': Buffer.from('x\ny\nz\n'),
    });
    expect((await openDataset(`${server.url}/a.tfrecord`)).classes).toEqual(['x', 'y', 'z']);
  });

  it('names the object and what is wrong with it', async () => {
    const { server } = await served({
      'a.tar': shard('a').subarray(0, 900),
      'b.tfrecord': records('b').subarray(0, 40),
    });
    await expect(openDataset(`${server.url}/a.tar`)).rejects.toThrow(
      `${server.url}/a.tar: is cut: expected a header`,
    );
    await expect(openDataset(`${server.url}/b.tfrecord`)).rejects.toThrow(
      /b\.tfrecord: is cut within record 0/,
    );
  });

  it('leaves no connection open', async () => {
    const server = await serveHttp({ '/a.tar': shard('a') });
    await openDataset(`${server.url}/a.tar`);
    const sockets = server.requests.map(({ socket }) => socket);
    await vi.waitFor(() => expect(sockets.every(({ destroyed }) => destroyed)).toBe(true));
  });
});

describe.skipIf(lacksS3)('a folder on S3', () => {
  it('holds shards of one kind, in itself or in folders that are named as splits', async () => {
    const { bucket, environment, put } = await serveS3();
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const files = { 'train-0.tar': shard('a'), 'val-0.tar': shard('c') };
    for (const [name, body] of Object.entries(files)) await put(`named/${name}`, body);
    await put('named/readme.txt', Buffer.from('nothing'));
    await put('divided/train/0.tfrecord', records('a'));
    await put('divided/validation/0.tfrecord', records('b'));
    await put('hub/data/train-00000-of-00001.parquet', parquetBytes('groups of 5'));
    const at = (path: string) => `s3://${bucket}/${path}`;
    expect(await splitsOf(at('named'))).toEqual(['train', 'val']);
    const [train, val] = [await openDataset(at('named')), await openDataset(at('named/'), { split: 'val' })];
    const local = await openDataset(folderOf(files));
    expect(await datasetDigest(train)).toBe(await datasetDigest(local));
    expect(await imagesOf(train)).toEqual(await imagesOf(local));
    expect([train.name, val.key(0)]).toEqual([`webDataset(${at('named')}, train)`, 'c-0.jpg']);
    expect(await splitsOf(at('divided'))).toEqual(['train', 'val']);
    expect((await openDataset(at('divided'), { split: 'val' })).key(0)).toBe('b-1');
    await expect(openDataset(at('divided'), { split: 'test' })).rejects.toThrow(/has no test split/);
    expect((await openDataset(at('hub'))).split).toBe('train');
    for (const folder of ['a', 'b']) await put(`several/${folder}/0.tar`, shard(folder));
    await expect(openDataset(at('several'))).rejects.toThrow(/several folders.*: a, b; name one/);
    await expect(openDataset(at('gone'))).rejects.toThrow(/gone: no such object/);
    expect(JSON.stringify([train.reader, train.name])).not.toContain(environment['AWS_SECRET_ACCESS_KEY']);
  });
});
