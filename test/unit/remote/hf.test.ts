import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { HfOrigin } from '../../../src/remote/hf-origin.ts';
import type { RemoteFile } from '../../../src/remote/remote-file.ts';
import { RemoteFiles } from '../../../src/remote/remote-files.ts';
import { commit, type HfHub, serveHub } from '../../support/hf-hub.ts';

const token = 'hf_secret';
const content = {
  'data/train 0.parquet': Buffer.from('the first file'),
  'data/train-1.parquet': Buffer.from('the second file'),
  'data/é.parquet': Buffer.from('the third file'),
  'README.md': Buffer.from('a page'),
};
const pinned = (path: string) => `hf://datasets/org/name@${commit}/${path}`;
let server: HfHub;

beforeEach(async () => {
  server = await serveHub(content, token);
  vi.stubEnv('HF_ENDPOINT', server.hub.url);
  vi.stubEnv('HF_TOKEN', token);
});

function openFiles(): RemoteFiles {
  const files = new RemoteFiles();
  onTestFinished(async () => {
    await files.close();
    vi.unstubAllEnvs();
  });
  return files;
}

it('finds a file at its commit, and reads it where the hub sends it, which gets no token', async () => {
  const files = openFiles();
  const file = await files.find('hf://datasets/org/name/data/train 0.parquet');
  expect(file).toEqual({
    ...{ url: pinned('data/train 0.parquet'), size: 14, etag: '"sha256 of data/train 0.parquet"' },
  });
  expect(String(await files.read(file, 4, 5))).toBe('first');
  for (const { headers } of server.files.requests) expect(headers.authorization).toBeUndefined();
});

it('asks the hub once for the place of a file, and again when that has expired', async () => {
  const file = await openFiles().find('hf://datasets/org/name/data/é.parquet');
  const asked = server.hub.requests.length;
  const files = openFiles();
  const readAll = async () => {
    const parts = await Promise.all(Array.from({ length: 14 }, (_, i) => files.read(file, i, 1)));
    expect(Buffer.concat(parts)).toEqual(content['data/é.parquet']);
  };
  await readAll();
  expect(server.hub.requests).toHaveLength(asked + 1);
  server.expire();
  await readAll();
  expect(server.hub.requests).toHaveLength(asked + 2);
});

it('lists a folder, all pages, as its files are found one by one', async () => {
  const files = openFiles();
  const listed = await files.list('hf://datasets/org/name/data');
  expect(listed.map(({ url }) => url)).toEqual(
    ['data/train 0.parquet', 'data/train-1.parquet', 'data/é.parquet'].map(pinned),
  );
  for (const file of listed) expect(file).toEqual(await files.find(file.url));
  expect(await files.list('hf://datasets/org/name@main')).toHaveLength(4);
});

it('follows a dataset that was renamed', async () => {
  const files = openFiles();
  const listed = await files.list('hf://datasets/old/name');
  expect(listed).toHaveLength(4);
  expect(await files.find(`hf://datasets/old/name@${commit}/README.md`)).toEqual(listed[0]);
  expect(String(await files.read(listed[0] as RemoteFile, 2, 4))).toBe('page');
});

it('names what is missing, closed, or no address', async () => {
  const files = openFiles();
  await expect(files.find('hf://datasets/org/name/none')).rejects.toThrow(
    'hf://datasets/org/name/none: no such object (HTTP 404, EntryNotFound)',
  );
  vi.stubEnv('HF_TOKEN', undefined);
  await expect(files.find('hf://datasets/org/name/README.md')).rejects.toThrow(
    'access denied (HTTP 401, GatedRepo); check HF_TOKEN',
  );
  await expect(files.find('hf://org/name/README.md')).rejects.toThrow('expected hf://datasets/');
});

it.each([
  ['hf://datasets/o/n/a b.parquet', 'main/a%20b.parquet'],
  ['hf://datasets/o/n@v1.0/a/b', 'v1.0/a/b'],
  ['hf://datasets/o/n@refs/convert/parquet/a/b', 'refs%2Fconvert%2Fparquet/a/b'],
  ['hf://datasets/o/n@refs%2Fpr%2F1/a', 'refs%2Fpr%2F1/a'],
  ['hf://datasets/o/n@100%/a', '100%25/a'],
])('reads the revision of %s', async (url, end) => {
  const { url: asked } = await new HfOrigin({}).place(url).target({});
  expect(asked.href).toBe(`https://huggingface.co/datasets/o/n/resolve/${end}`);
});
