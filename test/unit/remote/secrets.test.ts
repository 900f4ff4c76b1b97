import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { toErrorRecord } from '../../../src/core/errors.ts';
import type { RemoteFile } from '../../../src/remote/remote-file.ts';
import { RemoteFiles, type RemoteOptions } from '../../../src/remote/remote-files.ts';
import { folderOf } from '../../support/folders.ts';
import { answer, type Fault, half, reset, serveHttp, silent } from '../../support/http-server.ts';

const bytes = Buffer.from('bytes of an object');
const patience = { silenceMs: 30, totalMs: 50, firstContactMs: 40, firstDelayMs: 10, longestDelayMs: 20 };
/** None of these may be seen anywhere. */
const secrets = ['SECRETUSER', 'SECRETPASS', 'SECRETQUERY', 'SECRETKEYID', 'SECRETACCESS', 'SECRETTOKEN'];
const basic = Buffer.from('SECRETUSER:SECRETPASS').toString('base64');
const written: string[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  const text = written.splice(0).join('\n');
  expect(text).not.toBe('');
  for (const secret of [...secrets, basic, 'AWS4-HMAC', 'Bearer']) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/Signature=/i);
});

/** Whatever a person, a log, a file or another thread could get to see. */
const see = (value: unknown): void => {
  written.push(inspect(value, { depth: 10, showHidden: true }));
  if (value instanceof Error) written.push(JSON.stringify(toErrorRecord(value)), String(value.stack));
  else written.push(JSON.stringify(value));
};

function openFiles(options: RemoteOptions = {}): RemoteFiles {
  const files = new RemoteFiles({ patience, ...options }, see);
  onTestFinished(() => files.close());
  return files;
}

function seeFiles(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    written.push(name);
    const path = join(folder, name);
    if (statSync(path).isFile()) written.push(readFileSync(path, 'latin1'));
  }
}

/** All ways in which a request can fail; what servers answer quotes what they got. */
const faults: readonly (readonly [string, Fault])[] = [
  ...[301, 302, 400, 401, 403, 404, 412, 416, 418, 429, 500, 503].map((status) => quoting(status)),
  ['no location', answer(302, { location: 'http://' })],
  ['a location without a server', answer(302, { location: 'http://127.0.0.1:1/SECRETQUERY?SECRETQUERY' })],
  ['gzip', answer(206, { 'content-encoding': 'gzip', 'content-range': 'bytes 0-0/9', etag: '"a"' }, 'x')],
  ['another range', answer(206, { 'content-range': 'bytes 7-9/18', etag: '"a"' }, 'abc')],
  ['another size', answer(206, { 'content-range': 'bytes 0-0/19', etag: '"a"' }, 'x')],
  ['reset', reset],
  ['half', half],
  ['silent', silent],
  ['no HTTP', (request) => request.socket.end('SECRETQUERY') !== undefined],
];

function quoting(status: number): readonly [string, Fault] {
  const fault: Fault = (request, response) => {
    const quoted = `${request.url} ${JSON.stringify(request.headers)}`;
    response.writeHead(status, `${status}`, { 'x-error-code': quoted.replace(/[^ -~]/g, '') });
    response.end(`<Error><Code>SECRETACCESS ${quoted}</Code></Error>`);
    return true;
  };
  return [`HTTP ${status}`, fault];
}

const origins = {
  http: (url: string) =>
    `${url.replace('://', '://SECRETUSER:SECRETPASS@')}/a?X-Amz-Signature=SECRETQUERY#SECRETQUERY`,
  s3: (url: string) => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', url);
    return 's3://bucket/a';
  },
  hf: (url: string) => {
    vi.stubEnv('HF_ENDPOINT', url);
    return 'hf://datasets/org/name/a';
  },
};

it.each(Object.entries(origins))('no failure of %s shows what gives access', async (scheme, addressAt) => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'HF_TOKEN'])
    vi.stubEnv(name, secrets[3 + (name.length % 3)] as string);
  const server = await serveHttp({ '/a': bytes, '/bucket/a': bytes });
  const url = addressAt(server.url);
  const listed: RemoteFile = {
    url: scheme === 'http' ? `${server.url}/a` : url,
    ...{ size: bytes.length, etag: '"a"' },
  };
  for (const [name, fault] of faults) {
    server.options = { handler: fault };
    const files = openFiles();
    const reasons = await Promise.allSettled([files.find(url), files.read(listed, 0, 1), files.list(url)]);
    expect(
      reasons.map(({ status }) => status),
      name,
    ).toContain('rejected');
    for (const outcome of reasons) see('reason' in outcome ? outcome.reason : outcome.value);
    await files.close();
  }
});

it.each([
  ['AWS_ACCESS_KEY_ID', 's3://bucket/a'],
  ['AWS_SECRET_ACCESS_KEY', 's3://bucket/a'],
  ['AWS_SESSION_TOKEN', 's3://bucket/a'],
  ['HF_TOKEN', 'hf://datasets/org/name/a'],
  ['AWS_ENDPOINT_URL', 's3://bucket/a'],
  ['HF_ENDPOINT', 'hf://datasets/org/name/a'],
])('a value of %s that cannot be used is named without it', async (name, url) => {
  for (const value of [
    'SECRETTOKEN\nSECRETQUERY',
    'https://SECRETUSER:SECRETPASS@[/',
    'https://SECRETUSER@h/ é',
  ]) {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
    vi.stubEnv(name, name.endsWith('TOKEN') || name.includes('KEY') ? `${value}é` : value);
    const failed = await openFiles()
      .find(url)
      .catch((cause) => cause);
    expect(failed).toMatchObject({ name: 'ParameterError', code: 'INVALID_OPTION' });
    expect(failed.message).toContain(`${name}: `);
    see(failed);
  }
});

it.each(['https://SECRETUSER:SECRETPASS@[/a?SECRETQUERY', 'https://SECRETUSER:SECRETPASS@:x/a#SECRETQUERY'])(
  'an address that is none is named without it: %s',
  async (url) => {
    see(
      await openFiles()
        .find(url)
        .catch((cause) => cause),
    );
  },
);

it('a thread that starts later has access too, and what it is given, keeps and says shows none', async () => {
  const isAllowed = (request: {
    url?: string | undefined;
    headers: { authorization?: string | undefined };
  }) => request.url === '/a?key=SECRETQUERY' && request.headers.authorization === `Basic ${basic}`;
  const server = await serveHttp(
    { '/a': bytes },
    { handler: (request, response) => !isAllowed(request) && answer(403)(request, response) },
  );
  const folder = folderOf();
  const options = { patience, cache: { folder, limit: 64e6 } };
  const url = `${server.url.replace('://', '://SECRETUSER:SECRETPASS@')}/a?key=SECRETQUERY`;
  const file = await openFiles(options).find(url);
  expect(file.url).toBe(`${server.url}/a`);
  see({ file, options });
  const program = new URL('../../support/read-remote.js', import.meta.url);
  const worker = new Worker(program, { workerData: { file, options } });
  worker.on('message', see);
  const [message] = await new Promise<[{ bytes?: Uint8Array }]>((resolve) =>
    worker.once('message', (value) => resolve([value])),
  );
  expect(String(Buffer.from(message.bytes ?? []))).toBe('byte');
  await worker.terminate();
  seeFiles(folder);
});
