import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { isRemote } from '../../../src/remote/remote-file.ts';
import { RemoteFiles, type RemoteOptions } from '../../../src/remote/remote-files.ts';
import { answer, half, reset, serveHttp, silent } from '../../support/http-server.ts';

const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) % 251));
const impatient = { silenceMs: 100, totalMs: 600, firstContactMs: 300, firstDelayMs: 10, longestDelayMs: 50 };

function openFiles(options: RemoteOptions = {}): RemoteFiles {
  const files = new RemoteFiles({ patience: impatient, ...options });
  onTestFinished(() => files.close());
  return files;
}

it('reads exact ranges of an object, many at a time over connections that stay open', async () => {
  const server = await serveHttp({ '/a.tar': bytes }, { latencyMs: 50 });
  const files = openFiles();
  const file = await files.find(`${server.url}/a.tar`);
  expect(file).toMatchObject({ url: `${server.url}/a.tar`, size: 5000 });
  const offsets = Array.from({ length: 40 }, (_, i) => i * 100);
  const parts = await Promise.all(offsets.map((offset) => files.read(file, offset, 100)));
  expect(Buffer.concat(parts)).toEqual(bytes.subarray(0, 4000));
  expect(server.mostAtOnce).toBeGreaterThan(20);
  const ports = () => new Set(server.requests.map(({ socket }) => socket.remotePort)).size;
  const opened = ports();
  await files.read(file, 4000, 1000);
  expect(ports()).toBe(opened);
});

it('refuses a range outside the object', async () => {
  const server = await serveHttp({ '/a': bytes });
  const files = openFiles();
  const file = await files.find(`${server.url}/a`);
  await expect(files.read(file, 4990, 11)).rejects.toThrow(`/a: bytes 4990 to 5001 of 5000 are asked for`);
  expect(await files.read(file, 5000, 0)).toEqual(Buffer.alloc(0));
});

it.each([
  ['ETag', {}],
  ['ETag, by a server that ignores If-Match', { ignoresConditions: true }],
  ['date', { hasDates: true }],
])('names an object that was replaced by another of the same size: %s', async (_, options) => {
  const server = await serveHttp({ '/a': bytes }, options);
  const files = openFiles();
  const file = await files.find(`${server.url}/a`);
  server.objects.set('/a', Buffer.from(bytes).reverse());
  const changed = { name: 'BackendError', code: 'CHANGED_DATA' };
  await expect(files.read(file, 0, 10)).rejects.toMatchObject(changed);
  await expect(files.read(file, 0, 10)).rejects.toThrow(`${server.url}/a: it`);
});

it('names an object that is shorter, longer or gone', async () => {
  const server = await serveHttp({ '/a': bytes }, { hasDates: true });
  const files = openFiles();
  const file = await files.find(`${server.url}/a`);
  server.objects.set('/a', bytes.subarray(0, 4000));
  await expect(files.read(file, 4500, 10)).rejects.toThrow(
    '/a: it has 4000 bytes instead of 5000: it has changed',
  );
  server.objects.delete('/a');
  await expect(files.read(file, 0, 10)).rejects.toMatchObject({ code: 'CHANGED_DATA' });
});

it('survives resets, short bodies, silence and busy servers', async () => {
  const server = await serveHttp({ '/a': bytes });
  const files = openFiles();
  const file = await files.find(`${server.url}/a`);
  server.faults.push(reset, half, silent, answer(503), answer(429, { 'retry-after': '0' }), answer(408));
  expect(await files.read(file, 10, 90)).toEqual(bytes.subarray(10, 100));
  expect(server.requests).toHaveLength(8);
});

it('waits as long as the server asks', async () => {
  const server = await serveHttp({ '/a': bytes });
  const files = openFiles({ patience: { totalMs: 5000 } });
  const file = await files.find(`${server.url}/a`);
  server.faults.push(answer(503, { 'retry-after': '1' }));
  const start = performance.now();
  await files.read(file, 0, 1);
  expect(performance.now() - start).toBeGreaterThan(990);
});

it('ends with what was tried, how long and why', async () => {
  const server = await serveHttp({ '/a': bytes });
  const files = openFiles();
  const file = await files.find(`${server.url}/a`);
  await server.stop();
  const failed = await files.read(file, 0, 10).catch((cause) => cause);
  expect(failed).toMatchObject({ name: 'BackendError', code: 'REMOTE_UNREACHABLE' });
  expect(failed.message).toMatch(
    /\/a: 127\.0\.0\.1:\d+ cannot be reached \(\d+ attempts in 0\.\d s, the last: connect ECONNREFUSED/,
  );
  await server.start();
});

it('says of a server that never answered soon that it cannot be reached', async () => {
  const server = await serveHttp();
  await server.stop();
  const start = performance.now();
  await expect(openFiles().find(`${server.url}/a`)).rejects.toMatchObject({
    ...{ name: 'DataError', code: 'REMOTE_UNREACHABLE' },
  });
  expect(performance.now() - start).toBeLessThan(1000);
  await server.start();
});

it.each([
  [404, 'MISSING_FILE', /no such object \(HTTP 404\)/],
  [403, 'ACCESS_DENIED', /access denied \(HTTP 403, AccessDenied\)/],
  [400, 'REMOTE_REFUSED', /refuses the request \(HTTP 400/],
])('does not repeat what is refused: HTTP %s', async (status, code, message) => {
  const server = await serveHttp({ '/a': bytes });
  server.faults.push(answer(status, {}, status === 404 ? '' : '<Code>AccessDenied</Code>'));
  const failed = await openFiles()
    .find(`${server.url}/a`)
    .catch((cause) => cause);
  expect(failed).toMatchObject({ name: 'DataError', code });
  expect(failed.message).toMatch(message);
  expect(server.requests).toHaveLength(1);
});

it('takes small objects of a server without ranges, and refuses large ones', async () => {
  const server = await serveHttp(
    { '/small': bytes, '/large': Buffer.alloc(9 * 2 ** 20) },
    { ignoresRanges: true },
  );
  const files = openFiles();
  const file = await files.find(`${server.url}/small`);
  expect(await files.read(file, 10, 20)).toEqual(bytes.subarray(10, 30));
  await expect(files.find(`${server.url}/large`)).rejects.toMatchObject({ code: 'NO_RANGES' });
});

it('looks up an empty object', async () => {
  const server = await serveHttp({ '/empty': Buffer.alloc(0) });
  expect(await openFiles().find(`${server.url}/empty`)).toMatchObject({ size: 0 });
});

it('refuses objects without ETag and date, or compressed on the way', async () => {
  const server = await serveHttp();
  const range = { 'content-range': 'bytes 0-0/10', 'content-length': '1' };
  server.faults.push(answer(206, range, 'x'));
  server.faults.push(answer(206, { ...range, etag: '"a"', 'content-encoding': 'gzip' }, 'x'));
  const files = openFiles();
  await expect(files.find(`${server.url}/a`)).rejects.toMatchObject({ code: 'NO_IDENTITY' });
  await expect(files.find(`${server.url}/a`)).rejects.toThrow('sends it compressed (gzip)');
});

it('ends what is under way when it is closed', async () => {
  const server = await serveHttp({ '/a': bytes });
  const files = openFiles({ patience: { silenceMs: 60_000 } });
  const file = await files.find(`${server.url}/a`);
  server.faults.push(silent, answer(503, { 'retry-after': '30' }));
  const reads = [files.read(file, 0, 10), files.read(file, 0, 10)];
  const ended = Promise.all(
    reads.map((read) => expect(read).rejects.toMatchObject({ code: 'READER_CLOSED' })),
  );
  await expect.poll(() => server.requests.length).toBe(3);
  await files.close();
  await ended;
  await expect(files.read(file, 0, 10)).rejects.toMatchObject({ code: 'READER_CLOSED' });
});

it('survives a server that is gone for a while, and says so where that is long', async () => {
  const server = await serveHttp({ '/a': bytes });
  const messages: string[] = [];
  const patience = { totalMs: 20_000, longestDelayMs: 50, noticeMs: 200 };
  const files = new RemoteFiles({ patience }, (message) => messages.push(message));
  onTestFinished(() => files.close());
  const file = await files.find(`${server.url}/a`);
  await server.stop();
  const reads = Promise.all([0, 1, 2].map((offset) => files.read(file, offset, 100)));
  await wait(500);
  await server.start();
  expect(await reads).toEqual([0, 1, 2].map((offset) => bytes.subarray(offset, offset + 100)));
  expect(messages).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:\d+: connect ECONNREFUSED .*; trying again for 20 s$/),
  ]);
});

it('says that a server is gone before a wait that is long by its end, also where the next attempt succeeds', async () => {
  const server = await serveHttp({ '/a': bytes });
  const messages: string[] = [];
  const patience = { firstDelayMs: 400, noticeMs: 200 };
  const files = new RemoteFiles({ patience }, (message) => messages.push(message));
  onTestFinished(() => files.close());
  const file = await files.find(`${server.url}/a`);
  await server.stop();
  const read = files.read(file, 0, 100);
  await wait(100);
  await server.start();
  expect(await read).toEqual(bytes.subarray(0, 100));
  expect(messages).toHaveLength(1);
});

it('has one of several threads say that a server is gone, each time that it is', async () => {
  const server = await serveHttp({ '/a': bytes });
  const messages: string[] = [];
  const patience = { totalMs: 20_000, longestDelayMs: 50, noticeMs: 100 };
  const files = new RemoteFiles({ patience }, (message) => messages.push(message));
  onTestFinished(() => files.close());
  const file = await files.find(`${server.url}/a`);
  const program = new URL('../../support/read-remote.js', import.meta.url);
  for (const outage of [1, 2]) {
    await server.stop();
    const threads = [1, 2, 3].map(() => new Worker(program, { workerData: { file, options: { patience } } }));
    const read: unknown[] = [];
    for (const thread of threads)
      thread.on('message', ({ message, bytes: part }: { message?: string; bytes?: Uint8Array }) => {
        if (message !== undefined) messages.push(message);
        else read.push(part);
      });
    const ends = threads.map((thread) => once(thread, 'exit'));
    const own = files.read(file, 0, 4);
    await expect.poll(() => messages.length, { timeout: 10_000 }).toBe(outage);
    // the others have failed for as long by now
    await wait(1000);
    expect(messages).toHaveLength(outage);
    await server.start();
    await Promise.all([own, ...ends]);
    expect(read).toHaveLength(threads.length);
  }
});

it('follows redirections, to another server without the password, and remembers where to', async () => {
  const second = await serveHttp({ '/b': bytes });
  const first = await serveHttp(
    {},
    {
      handler: ({ url }, response) =>
        answer(302, { location: url === '/a' ? '/c' : `${second.url}/b?signed` })({} as never, response),
    },
  );
  const files = openFiles();
  const file = await files.find(`${first.url.replace('://', '://user:pass@')}/a`);
  expect(await files.read(file, 0, 10)).toEqual(bytes.subarray(0, 10));
  expect(first.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ['/a', 'Basic dXNlcjpwYXNz'],
    ['/c', 'Basic dXNlcjpwYXNz'],
  ]);
  expect(second.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ['/b?signed', undefined],
    ['/b?signed', undefined],
  ]);
});

it('refuses redirections without an end', async () => {
  const server = await serveHttp({}, { handler: answer(302, { location: '/again' }) });
  await expect(openFiles().find(`${server.url}/a`)).rejects.toThrow('/a: more than 4 redirections');
});

it.each([
  ['https://a.invalid/x', 'REMOTE_UNREACHABLE', 'a.invalid cannot be reached ('],
  ['ftp://host/a', 'INVALID_OPTION', 'is no remote address: expected https://'],
])('says soon what is wrong with %s', async (url, code, message) => {
  const failed = await openFiles()
    .find(url)
    .catch((cause) => cause);
  expect(failed).toMatchObject({ code });
  expect(failed.message).toContain(message);
});

it('tells remote addresses from paths', () => {
  expect(['https://a/b', 'http://a', 's3://a/b', 'hf://datasets/a/b'].map(isRemote)).not.toContain(false);
  expect(['/data/a.tar', 'https:', 'C:\\a', 's3/a', './hf://a', 'ftp://a'].map(isRemote)).not.toContain(true);
});

it('has no list of a web server', async () => {
  await expect(openFiles().list('https://host/folder')).rejects.toThrow('name the files, shards in braces');
});
