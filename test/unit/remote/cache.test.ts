import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { BlockCache } from '../../../src/remote/block-cache.ts';
import { BLOCK_BYTES, type Block } from '../../../src/remote/block-file.ts';
import { RemoteFiles } from '../../../src/remote/remote-files.ts';
import { folderOf } from '../../support/folders.ts';
import { type HttpServer, serveHttp } from '../../support/http-server.ts';

/** The least that is allowed: 61 blocks. */
const LIMIT = 64e6;
const HOLDS = 61;
const bytes = Buffer.from(
  Uint8Array.from({ length: 2 * BLOCK_BYTES + 1000 }, (_, i) => (i * 31 + (i >> 9)) % 253),
);
const writer = fileURLToPath(new URL('../../support/cache-writer.js', import.meta.url));

function openFiles(folder: string, messages: string[] = []): RemoteFiles {
  const files = new RemoteFiles({ cache: { folder, limit: LIMIT } }, (message) => messages.push(message));
  onTestFinished(() => files.close());
  return files;
}

const program = new URL('../../support/read-remote.js', import.meta.url);

/** Vitest compares large buffers byte by byte, which takes minutes. */
const sha = (part: Buffer | undefined): string | undefined =>
  part && createHash('sha256').update(part).digest('hex');

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const bytesIn = (folder: string): number =>
  filesIn(folder).reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);

const rangesOf = ({ requests }: HttpServer): (string | undefined)[] =>
  requests.map(({ headers }) => headers.range);

const blockOf = (number: number, object = 'a'): Block => ({
  ...{ object: object.repeat(40), number, length: BLOCK_BYTES },
});

const openCache = (folder: string, messages: string[] = []): BlockCache =>
  new BlockCache({ folder, limit: LIMIT }, (message) => messages.push(message));

it('gives the same bytes with and without a cache, and asks for each block once', async () => {
  const server = await serveHttp({ '/a.tar': bytes });
  const folder = folderOf();
  const files = openFiles(folder);
  const file = await files.find(`${server.url}/a.tar`);
  const ranges: [number, number][] = [
    ...([
      [0, 10],
      [5, 70_000],
      [BLOCK_BYTES - 3, 6],
      [10, 2 * BLOCK_BYTES + 900],
    ] as [number, number][]),
    ...([
      [2 * BLOCK_BYTES, 1000],
      [0, bytes.length],
      [65_535, 2],
      [bytes.length - 1, 1],
    ] as [number, number][]),
  ];
  const readAll = (reader: RemoteFiles) =>
    Promise.all(ranges.map(([offset, length]) => reader.read(file, offset, length)));
  const expected = ranges.map(([offset, length]) => sha(bytes.subarray(offset, offset + length)));
  expect((await readAll(files)).map(sha)).toEqual(expected);
  expect(rangesOf(server).sort()).toEqual([
    'bytes=0-0',
    'bytes=0-1048575',
    'bytes=1048576-2097151',
    'bytes=2097152-2098151',
  ]);
  expect((await readAll(openFiles(folder))).map(sha)).toEqual(expected);
  expect(server.requests).toHaveLength(4);
  // half of it
  rmSync(filesIn(folder)[1] as string);
  expect((await readAll(openFiles(folder))).map(sha)).toEqual(expected);
  expect(server.requests).toHaveLength(5);
});

it('keeps objects apart that have one address and other bytes', async () => {
  const server = await serveHttp({ '/a': bytes });
  const folder = folderOf();
  const files = openFiles(folder);
  const url = `${server.url}/a`;
  await files.read(await files.find(url), 0, 10);
  server.objects.set('/a', Buffer.from(bytes).reverse());
  expect(await files.read(await files.find(url), 0, 10)).toEqual(Buffer.from(bytes.subarray(-10)).reverse());
});

it('drops a damaged block and fetches it again, wherever the damage is', async () => {
  const server = await serveHttp({ '/a': bytes.subarray(0, 200_000) });
  const folder = folderOf();
  const file = await openFiles(folder).find(`${server.url}/a`);
  await openFiles(folder).read(file, 0, 1);
  const [path] = filesIn(folder) as [string];
  const whole = readFileSync(path);
  const header = whole.length - 200_000;
  const flipped = (at: number) => {
    const copy = Buffer.from(whole);
    copy[at] = (copy[at] as number) ^ 1;
    return copy;
  };
  const damaged = [
    flipped(0),
    flipped(9),
    flipped(header - 1),
    flipped(whole.length - 1),
    whole.subarray(0, 5000),
  ];
  for (const content of [...damaged, Buffer.alloc(0)]) {
    writeFileSync(path, content);
    const asked = server.requests.length;
    expect(await openFiles(folder).read(file, 199_000, 1000)).toEqual(bytes.subarray(199_000, 200_000));
    expect(server.requests).toHaveLength(asked + 1);
    expect(sha(readFileSync(path))).toBe(sha(whole));
  }
});

it('removes what was not used for longest, within the limit and within 2 % of it', async () => {
  const folder = folderOf({ 'millrace-blocks-1/00/notes.txt': 'mine', 'other/file': 'mine' });
  const cache = openCache(folder);
  const block = Buffer.alloc(BLOCK_BYTES, 7);
  for (let i = 0; i < HOLDS; i++) await cache.write(blockOf(i), block);
  // the files' times differ by more than the clock's steps
  for (const path of filesIn(folder)) {
    const number = Number(/-(\d+)-\d+$/.exec(path)?.[1] ?? 0);
    utimesSync(path, 1000 + number, 1000 + number);
  }
  expect(cache.read(blockOf(0), 0, 10)).toEqual(block.subarray(0, 10));
  for (let i = HOLDS; i < HOLDS + 20; i++) {
    await cache.write(blockOf(i), block);
    expect(bytesIn(folder)).toBeLessThanOrEqual(LIMIT);
    expect(bytesIn(folder)).toBeGreaterThan(0.98 * LIMIT);
  }
  const isThere = (number: number) => cache.read(blockOf(number), 0, 1) !== undefined;
  expect(isThere(0)).toBe(true);
  expect(Array.from({ length: 20 }, (_, i) => isThere(i + 1))).toEqual(Array(20).fill(false));
  expect(Array.from({ length: 60 }, (_, i) => isThere(i + 21))).toEqual(Array(60).fill(true));
  expect(readFileSync(join(folder, 'millrace-blocks-1/00/notes.txt'), 'utf8')).toBe('mine');
});

it('stays within the limit when several processes write, and survives that one is killed', async () => {
  const folder = folderOf();
  const start = async (seed: number) => {
    const child = spawn(process.execPath, [writer, folder, String(LIMIT), '100', String(seed)]);
    await once(child.stdout, 'data');
    return child;
  };
  const children = await Promise.all([start(1), start(2), start(3)]);
  const ends = children.map((child) => once(child, 'exit'));
  await wait(30);
  children[2]?.kill('SIGKILL');
  let most = 0;
  let isRunning = true;
  const ended = Promise.all(ends).then(() => {
    isRunning = false;
  });
  while (isRunning) {
    most = Math.max(most, bytesIn(folder));
    await wait(5);
  }
  await ended;
  expect(most).toBeLessThan(1.02 * LIMIT + 2 * BLOCK_BYTES);
  expect(bytesIn(folder)).toBeLessThan(1.02 * LIMIT);
  const cache = openCache(folder);
  for (const path of filesIn(folder).filter((one) => !one.endsWith('.tmp'))) {
    const [, object, number] = /([0-9a-f]{40})-(\d+)-\d+$/.exec(path) as unknown as [string, string, string];
    const block = { object, number: Number(number), length: BLOCK_BYTES };
    expect(sha(cache.read(block, 0, BLOCK_BYTES))).toBe(sha(Buffer.alloc(BLOCK_BYTES, Number(object[0]))));
  }
});

it('removes what a killed process has not finished, when that was long ago', async () => {
  const folder = folderOf();
  const cache = openCache(folder);
  const block = Buffer.alloc(BLOCK_BYTES);
  await cache.write(blockOf(0), block);
  const [path] = filesIn(folder) as [string];
  for (let i = 0; i < 10; i++) writeFileSync(`${path}.1-0-${i}.tmp`, block);
  for (let i = 0; i < 5; i++) utimesSync(`${path}.1-0-${i}.tmp`, 1000, 1000);
  for (let i = 1; i < HOLDS; i++) await cache.write(blockOf(i), block);
  const left = filesIn(folder).filter((one) => one.endsWith('.tmp'));
  expect(left).toHaveLength(5);
});

it('continues without a cache that cannot be written, and says so once', async () => {
  const server = await serveHttp({ '/a': bytes });
  const folder = folderOf({ file: 'no folder' });
  const messages: string[] = [];
  for (const files of [
    openFiles(join(folder, 'file'), messages),
    openFiles(join(folder, 'file'), messages),
  ]) {
    const file = await files.find(`${server.url}/a`);
    const part = await files.read(file, 100, 2 * BLOCK_BYTES);
    expect(sha(part)).toBe(sha(bytes.subarray(100, 100 + 2 * BLOCK_BYTES)));
  }
  expect(messages).toEqual([
    expect.stringMatching(/file: the cache cannot be written \(.*\): continues without keeping more$/),
  ]);
});

it('has one thread of a process say so for all', async () => {
  const server = await serveHttp({ '/a': bytes });
  const folder = join(folderOf({ file: 'no folder' }), 'file');
  const messages: string[] = [];
  const files = openFiles(folder, messages);
  const file = await files.find(`${server.url}/a`);
  const workerData = { file, options: { cache: { folder, limit: LIMIT } } };
  const threads = [1, 2].map(() => new Worker(program, { workerData }));
  for (const thread of threads)
    thread.on('message', ({ message }: { message?: string }) => message && messages.push(message));
  await Promise.all([files.read(file, 0, 4), ...threads.map((thread) => once(thread, 'exit'))]);
  expect(messages).toHaveLength(1);
});

it('says of a disk that is full that nothing more is kept', async () => {
  const folder = folderOf();
  // a file of more than 512 KiB cannot be written
  const limited = `trap '' XFSZ; ulimit -f 512; exec "$0" "$@"`;
  const args = ['-c', limited, process.execPath, writer, folder, String(LIMIT), '3', '1'];
  const { status, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: `${folder}: the cache cannot be written (EFBIG: file too large, write): continues without keeping more\n`,
  });
  expect(filesIn(folder)).toEqual([]);
});

it.each([0, 1e6, Number.NaN])('refuses a limit of %s bytes', (limit) => {
  expect(() => new RemoteFiles({ cache: { folder: 'a', limit } })).toThrow(
    `cache: limit must be at least 64 MB, got ${limit} bytes`,
  );
});
