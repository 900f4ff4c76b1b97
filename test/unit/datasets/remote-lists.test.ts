import { join } from 'node:path';
import { setEnvironmentData } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Dataset, datasetDigest, openReader } from '../../../src/datasets/dataset.ts';
import { splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import { datasetIdentity } from '../../../src/engine/plan/identity.ts';
import {
  imageFolder,
  manifest,
  openDataset,
  type PipelineOptions,
  pipeline,
  randomResizedCrop,
} from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { commit, serveHub } from '../../support/hf-hub.ts';
import { reset, serveHttp } from '../../support/http-server.ts';
import { parquetBytes } from '../../support/parquet.ts';
import { pnm } from '../../support/raw-images.ts';
import { served } from '../../support/remote-sources.ts';
import { lacksS3, serveS3 } from '../../support/s3.ts';
import { collect } from '../../support/streams.ts';
import { tarOf } from '../../support/tar.ts';

afterEach(() => vi.unstubAllEnvs());

const photos: Record<string, Buffer> = Object.fromEntries(
  ['cat', 'dog'].flatMap((name, c) =>
    Array.from({ length: 6 }, (_, i) => [`${name}/${i === 0 ? '0 é#%' : i}.ppm`, pnm(6 * c + i)]),
  ),
);
const paths = Object.keys(photos);
const rowsOf = (pathOf = (path: string) => path) =>
  paths.map((path) => `${pathOf(path)},${path.slice(0, 3)}\n`).join('');
const csv = Buffer.from(`path,label\n${rowsOf()}`);
const files = { ...photos, 'train.csv': csv };

const lastDigest = async (dataset: Dataset, options: PipelineOptions = {}) => {
  const settings = { batchSize: 4, epochs: 2, workers: 0, seed: 3, digest: true, ...options };
  return (await collect(pipeline(dataset, settings).pipe(randomResizedCrop(16)))).at(-1)?.digest;
};
const imageAt = async (dataset: Dataset, index: number) => {
  const reader = await openReader(dataset.reader);
  try {
    return Buffer.from((await reader.read(dataset.locator(index))) as Buffer);
  } finally {
    await reader.close();
  }
};
const encoded = (path: string) => path.split('/').map(encodeURIComponent).join('/');

describe('a list on the network', () => {
  it("may be COCO's annotations, beside the images or with them in another folder", async () => {
    const text = JSON.stringify({
      images: paths.map((file_name, id) => ({ id, file_name })),
      annotations: [1, 0, 1, 2].map((category_id, at) => ({
        image_id: at % 3,
        category_id: category_id % 2,
      })),
      categories: [
        { id: 1, name: 'dog' },
        { id: 0, name: 'cat' },
      ],
    });
    const { folder, server } = await served({ ...photos, 'instances_val.json': Buffer.from(text) });
    const local = await openDataset(join(folder, 'instances_val.json'));
    expect([0, 1, 2, 3].map((at) => local.labels?.(at))).toEqual([[0, 1], [0], [1], []]);
    const remote = await openDataset(`${server.url}/instances_val.json`);
    const elsewhere = folderOf({ 'a.json': text });
    const other = await openDataset(join(elsewhere, 'a.json'), { imageRoot: server.url });
    expect([remote.split, other.split]).toEqual(['val', undefined]);
    for (const dataset of [remote, other])
      expect(await datasetDigest(dataset)).toBe(await datasetDigest(local));
    await expect(openDataset(`${server.url}/instances_val.json`, { split: 'val' })).rejects.toThrow(
      /has no val split: name its own file/,
    );
  });

  it('has the digests of dataset and stream of the same list and folder on the disk', async () => {
    const { folder, server } = await served(files);
    const remote = await openDataset(`${server.url}/train.csv`);
    const local = await openDataset(join(folder, 'train.csv'));
    expect([remote.name, remote.split]).toEqual([`manifest(${server.url}/train.csv)`, 'train']);
    expect(remote.classes).toEqual(local.classes);
    expect(remote.place?.(1)).toEqual({ path: `${server.url}/cat/1.ppm` });
    const asFolder = imageFolder(folderOf(photos));
    const stream = await lastDigest(asFolder);
    server.requests.splice(0);
    expect(await lastDigest(remote)).toBe(stream);
    // in two epochs each image is looked up once, but for the one that the list was opened with
    const lookedUp = () => server.requests.filter(({ headers }) => headers.range === 'bytes=0-0').length;
    expect(lookedUp()).toBe(paths.length - 1);
    const digest = await datasetDigest(asFolder);
    expect(await datasetDigest(remote)).toBe(digest);
    expect(await datasetDigest(local)).toBe(digest);
    server.requests.splice(0);
    expect(await lastDigest(remote)).toBe(stream);
    // now all are known
    expect(lookedUp()).toBe(0);
  });

  it('is opened without a question for each image', async () => {
    const { server } = await served(files);
    await openDataset(`${server.url}/train.csv`);
    // the list: looked up, its first bytes, read; and the first image
    expect(server.requests.map(({ url }) => url)).toEqual([
      ...['/train.csv', '/train.csv', '/train.csv'],
      `/${encoded(paths[0] as string)}`,
    ]);
  });

  it('asks for many images at once', async () => {
    const { server } = await served(files);
    const dataset = await openDataset(`${server.url}/train.csv`);
    server.options = { latencyMs: 10 };
    await datasetDigest(dataset);
    expect(server.mostAtOnce).toBe(paths.length - 1);
    const reader = await openReader((await openDataset(`${server.url}/train.csv`)).reader);
    server.requests.splice(0);
    reader.prefetch?.(paths.map((_, index) => dataset.locator(index)));
    await vi.waitFor(() => expect(server.requests.length).toBe(paths.length));
    await reader.read(dataset.locator(3));
    expect(server.requests.length).toBe(paths.length);
    await reader.close();
  });

  it.each(['tsv', 'jsonl', 'txt', 'lst'])('may be a .%s', async (ending) => {
    const lines: Record<string, (path: string, label: string) => string> = {
      tsv: (path, label) => `${path}\t${label}`,
      jsonl: (path, label) => JSON.stringify({ file_name: path, label }),
      txt: (path, label) => `${path} ${label}`,
      lst: (path, label) => `0\t${label === 'cat' ? 0 : 1}\t${path}`,
    };
    const text = paths.map((path) => lines[ending]?.(path, path.slice(0, 3))).join('\n');
    const head = ending === 'tsv' ? 'path\tlabel\n' : '';
    const { server } = await served({ ...photos, [`a.${ending}`]: Buffer.from(head + text) });
    const dataset = await openDataset(`${server.url}/a.${ending}`);
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(imageFolder(folderOf(photos))));
  });

  it('may say splits, and has names of classes beside it', async () => {
    const rows = paths.map((path, i) => `${path},${i % 2},${i < 8 ? 'train' : 'val'}`);
    const { server } = await served({
      ...photos,
      'a.csv': Buffer.from(['path,label,split', ...rows].join('\n')),
      'synsets.txt': Buffer.from('even\nodd\n'),
    });
    const address = `${server.url}/a.csv`;
    expect(await splitsOf(address)).toEqual(['train', 'val']);
    const val = await openDataset(address, { split: 'val' });
    expect([val.length, val.split, val.classes]).toEqual([4, 'val', ['even', 'odd']]);
    await expect(openDataset(address, { split: 'test' })).rejects.toThrow('has no rows of the split test');
  });

  it.each([1, 2_000_000])('is read whole, whatever its end: %i', async (filler) => {
    const remark = Buffer.from(`# ${'x'.repeat(98)}\n`.repeat(filler / 100));
    for (const end of ['', '\n', '\r\n']) {
      const text = Buffer.concat([remark, Buffer.from(`cat/1.ppm cat\r\ndog/1.ppm dog${end}`)]);
      const { server } = await served({ ...photos, 'a.txt': text });
      expect((await openDataset(`${server.url}/a.txt`)).classes).toEqual(['cat', 'dog']);
    }
  });

  it('names the line and the address where something is wrong', async () => {
    const lists = {
      'a.csv': 'path,label\n/etc/passwd,cat\n',
      'b.csv': 'path,label\ncat/1.ppm,cat,\n',
      'c.csv': 'path,label\ngone.ppm,cat\n',
    };
    const server = await serveHttp(
      Object.fromEntries(Object.entries(lists).map(([name, text]) => [`/${name}`, Buffer.from(text)])),
    );
    const opened = (name: string) => openDataset(`${server.url}/${name}`);
    await expect(opened('a.csv')).rejects.toThrow(
      `${server.url}/a.csv: line 2: /etc/passwd: an absolute path`,
    );
    await expect(opened('b.csv')).rejects.toThrow(`${server.url}/b.csv: line 2: expected 2 columns`);
    await expect(opened('c.csv')).rejects.toThrow(`the first at ${server.url}/gone.ppm: imageRoot`);
    await expect(opened('d.csv')).rejects.toThrow(`${server.url}/d.csv: no such object`);
  });
});

describe('images at addresses', () => {
  it('stand in a list on the disk, beside paths', async () => {
    const { folder, server } = await served(photos);
    const text = `path,label\n${rowsOf((path) => (path.startsWith('cat') ? `${server.url}/${encoded(path)}?signature=secret` : path))}`;
    const list = join(folderOf({ ...photos, 'list.csv': text }), 'list.csv');
    const dataset = await openDataset(list);
    expect(dataset.key(1)).toBe(`${server.url}/cat/1.ppm`);
    expect(dataset.key(7)).toBe('dog/1.ppm');
    expect(JSON.stringify([dataset.reader, dataset.locator(1), dataset.place?.(1)])).not.toContain('secret');
    for (const [index, path] of paths.entries()) expect(await imageAt(dataset, index)).toEqual(photos[path]);
    expect(server.requests.every(({ url }) => url?.endsWith('?signature=secret'))).toBe(true);
    expect(await dataset.byteLength(1)).toBe(photos['cat/1.ppm']?.length);
    for (const path of paths) setEnvironmentData(`millrace access ${server.url}/${encoded(path)}`, undefined);
    expect(folder).not.toBe('');
  });

  it('have the keys of the folder where a root holds them, and an image root may be an address', async () => {
    const { server } = await served(photos);
    const expected = await datasetDigest(imageFolder(folderOf(photos)));
    const absolute = folderOf({ 'a.csv': rowsOf((path) => `${server.url}/${encoded(path)}`), 'b.csv': csv });
    for (const [name, imageRoot] of [
      ['a.csv', `${server.url}/`],
      ['b.csv', server.url],
    ] as const)
      expect(await datasetDigest(await manifest(join(absolute, name), { imageRoot }))).toBe(expected);
    const secret = `${server.url}/?signature=secret`;
    await expect(manifest(join(absolute, 'b.csv'), { imageRoot: secret })).rejects.toThrow(
      /imageRoot \(--image-root\) must be an address without a signature or a password.*\/$/,
    );
  });

  it('may lie in a tar at an address', async () => {
    const tar = tarOf(paths.map((name) => ({ name, data: photos[name] as Buffer })));
    const { server } = await served({ 'all.tar': tar, 'a.csv': csv });
    const dataset = await openDataset(`${server.url}/a.csv`, { imageRoot: `${server.url}/all.tar` });
    const folder = imageFolder(folderOf(photos));
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(folder));
    expect(await lastDigest(dataset)).toBe(await lastDigest(folder));
  });

  it('are asked for with the password of the list', async () => {
    const { server } = await served(files);
    const dataset = await openDataset(`${server.url.replace('//', '//user:secret@')}/train.csv`);
    expect(await imageAt(dataset, 2)).toEqual(photos['cat/2.ppm']);
    expect(server.requests.every(({ headers }) => headers.authorization?.startsWith('Basic '))).toBe(true);
    expect(JSON.stringify([dataset.name, dataset.reader, dataset.locator(2)])).not.toContain('secret');
  });
});

describe('an image on the network', () => {
  it('that is missing is a bad sample, by name', async () => {
    const { server } = await served(files);
    server.objects.delete('/cat/3.ppm');
    const dataset = await openDataset(`${server.url}/train.csv`);
    const error = {
      name: 'DataError',
      code: 'MISSING_FILE',
      message: expect.stringContaining('/cat/3.ppm: '),
    };
    await expect(imageAt(dataset, 3)).rejects.toThrow(expect.objectContaining(error));
    await expect(dataset.byteLength(3)).rejects.toThrow(
      expect.objectContaining({ ...error, sample: 'cat/3.ppm' }),
    );
    const bad: string[] = [];
    const settings = { batchSize: 4, workers: 0, onError: 'substitute', maxBad: 1 } as const;
    for await (const batch of pipeline(dataset, settings).pipe(randomResizedCrop(16)))
      for (const row of batch.substitutions) bad.push(row.key);
    expect(bad).toEqual(['cat/3.ppm']);
    // its length is that of no file, as on the disk
    const local = folderOf(files);
    const { rmSync } = await import('node:fs');
    rmSync(join(local, 'cat/3.ppm'));
    expect(await datasetIdentity(dataset)).toBe(
      await datasetIdentity(await openDataset(join(local, 'train.csv'))),
    );
  });

  it.each(['length asked for first', 'read first'])(
    'is no other than the one found first: %s',
    async (order) => {
      const { server } = await served(files);
      const dataset = await openDataset(`${server.url}/train.csv`);
      const named = dataset.locator(1);
      if (order === 'read first') await imageAt(dataset, 1);
      else await dataset.byteLength(1);
      server.objects.set('/cat/1.ppm', pnm(99));
      const changed = expect.objectContaining({
        ...{ name: 'BackendError', code: 'CHANGED_DATA', message: expect.stringContaining('/cat/1.ppm: ') },
      });
      await expect(imageAt(dataset, 1)).rejects.toThrow(changed);
      // by a thread that was told of it before
      const reader = await openReader(dataset.reader);
      await expect(reader.read(named)).rejects.toThrow(changed);
      await reader.close();
      if (order === 'read first') await expect(dataset.byteLength(1)).rejects.toThrow(changed);
    },
  );

  it('is read through connections that break', async () => {
    const { server } = await served(files);
    server.faults.push(reset);
    const dataset = await openDataset(`${server.url}/train.csv`);
    server.faults.push(reset, reset);
    expect(await imageAt(dataset, 4)).toEqual(photos['cat/4.ppm']);
    expect(server.faults).toEqual([]);
  });

  it('that may not be read ends the run', async () => {
    const { server } = await served(files);
    const dataset = await openDataset(`${server.url}/train.csv`);
    server.options = { handler: (_, response) => Boolean(response.writeHead(403).end()) };
    const denied = expect.objectContaining({ name: 'BackendError', code: 'ACCESS_DENIED' });
    await expect(imageAt(dataset, 4)).rejects.toThrow(denied);
    await expect(dataset.byteLength(4)).rejects.toThrow(denied);
  });
});

it('a cache keeps images of a list', async () => {
  const { server } = await served(files);
  const cache = folderOf();
  const dataset = await openDataset(`${server.url}/train.csv`, { cache });
  const expected = await datasetDigest(dataset);
  const stream = await lastDigest(dataset);
  server.requests.splice(0);
  expect(await lastDigest(dataset)).toBe(stream);
  expect(server.requests.length).toBe(0);
  expect(await datasetDigest(imageFolder(folderOf(photos)))).toBe(expected);
});

describe('a folder of the hub', () => {
  const token = 'hf_secret';
  const serve = async (content: Record<string, Buffer>) => {
    const served = await serveHub(content, token);
    vi.stubEnv('HF_ENDPOINT', served.hub.url);
    vi.stubEnv('HF_TOKEN', token);
    vi.stubEnv('XDG_CACHE_HOME', folderOf());
    return served;
  };
  const address = 'hf://datasets/org/name';

  it('may hold a list beside images, of which sizes are known from its list of files', async () => {
    const { hub } = await serve({
      ...photos,
      'metadata.csv': Buffer.from(`file_name,label\n${rowsOf()}gone.ppm,cat\n`),
    });
    const dataset = await openDataset(address);
    expect(dataset.place?.(1)).toEqual({ path: `${address}@${commit}/cat/1.ppm` });
    hub.requests.splice(0);
    await expect(dataset.byteLength(paths.length)).rejects.toThrow(/gone\.ppm: cannot be read: no such file/);
    await expect(imageAt(dataset, paths.length)).rejects.toThrow(/gone\.ppm: cannot be read: no such file/);
    expect(await dataset.byteLength(0)).toBe(photos[paths[0] as string]?.length);
    expect(hub.requests.length).toBe(0);
    for (const [index, path] of paths.entries()) expect(await imageAt(dataset, index)).toEqual(photos[path]);
    expect(JSON.stringify([dataset.reader, dataset.name])).not.toContain(token);
  });

  it('may be divided by its lists, or named by one of them', async () => {
    await serve({
      ...photos,
      'train.csv': csv,
      'val.csv': Buffer.from('path,label\ncat/1.ppm,cat\n'),
      'divided/train/metadata.jsonl': Buffer.from('{"file_name": "1.ppm", "label": 0}\n'),
      'divided/train/1.ppm': pnm(1),
      'divided/test/metadata.jsonl': Buffer.from('{"file_name": "2.ppm", "label": 0}\n'),
      'divided/test/2.ppm': pnm(2),
    });
    const expected = await datasetDigest(imageFolder(folderOf(photos)));
    expect(await splitsOf(address)).toEqual(['train', 'val']);
    expect(await datasetDigest(await openDataset(address))).toBe(expected);
    expect(await datasetDigest(await openDataset(`${address}/train.csv`))).toBe(expected);
    expect((await openDataset(address, { split: 'val' })).length).toBe(1);
    await expect(openDataset(address, { split: 'test' })).rejects.toThrow(/has no test split/);
    const divided = `${address}/divided`;
    expect(await splitsOf(divided)).toEqual(['train', 'test']);
    const test = await openDataset(divided, { split: 'test' });
    expect([test.key(0), test.split, await imageAt(test, 0)]).toEqual(['2.ppm', 'test', pnm(2)]);
  });

  it('may hold Parquet files', async () => {
    const bytes = parquetBytes('groups of 5');
    await serve({ 'README.md': Buffer.from('a page'), 'data/train-00000-of-00001.parquet': bytes });
    const remote = await openDataset(address);
    const local = await openDataset(folderOf({ 'data/train-00000-of-00001.parquet': bytes }));
    expect(remote.split).toBe('train');
    expect(await datasetDigest(remote)).toBe(await datasetDigest(local));
    expect(await imageAt(remote, 3)).toEqual(await imageAt(local, 3));
  });
});

it.skipIf(lacksS3)('a folder on S3 may hold lists beside images', async () => {
  const { bucket, environment, put } = await serveS3();
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  for (const [name, body] of Object.entries(files)) await put(`photos/${name}`, body);
  const folder = imageFolder(folderOf(photos));
  for (const address of [`s3://${bucket}/photos`, `s3://${bucket}/photos/train.csv`]) {
    const dataset = await openDataset(address);
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(folder));
    expect(await lastDigest(dataset)).toBe(await lastDigest(folder));
  }
});
