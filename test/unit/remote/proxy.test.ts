import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Proxies } from '../../../src/remote/proxy.ts';
import { RemoteFiles } from '../../../src/remote/remote-files.ts';
import { certificateOf } from '../../support/certificate.ts';
import { folderOf } from '../../support/folders.ts';
import { serveProxy } from '../../support/http-proxy.ts';
import { serveHttp } from '../../support/http-server.ts';
import { scriptWith } from '../../support/processes.ts';

const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];
beforeEach(() => {
  for (const name of names) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

const proxyOf = (url: string, environment: Record<string, string>): string | undefined =>
  new Proxies(environment).of(new URL(url))?.url.host;

describe('the proxy of an address', () => {
  it.each([
    ['https://a.example/x', { HTTPS_PROXY: 'http://p:1' }, 'p:1'],
    ['https://a.example/x', { https_proxy: 'p:1', HTTPS_PROXY: 'http://q:1' }, 'p:1'],
    ['https://a.example/x', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://a.example/x', { HTTP_PROXY: 'http://p:1' }, 'p:1'],
    ['http://a.example/x', { HTTP_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, undefined],
    ['http://a.example/x', { http_proxy: ' https://user:pass@p:1/ ' }, 'p:1'],
    ['http://a.example/x', { http_proxy: '' }, undefined],
    ['http://localhost:9/x', { http_proxy: 'p:1' }, undefined],
    ['http://127.0.0.1:9/x', { http_proxy: 'p:1' }, undefined],
    ['http://[::1]:9/x', { http_proxy: 'p:1' }, undefined],
  ] as const)('%s, %j: %s', (url, environment, expected) => {
    expect(proxyOf(url, environment)).toBe(expected);
  });

  it.each([
    ['*', true],
    ['a.example', true],
    ['.example', true],
    ['*.example', true],
    ['EXAMPLE', true],
    ['b.example, a.example', true],
    ['a.example:443', true],
    ['a.example:8443', false],
    ['ample', false],
    ['b.a.example', false],
    ['', false],
  ])('none of a.example with NO_PROXY %j: %s', (list, isExcepted) => {
    for (const name of ['NO_PROXY', 'no_proxy'])
      expect(proxyOf('https://a.example/', { HTTPS_PROXY: 'p:1', [name]: list })).toBe(
        isExcepted ? undefined : 'p:1',
      );
  });

  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '11.0.0.0/8, 10.1.2.4', false],
    ['[fd00::1]', 'fd00::/8', true],
    ['[fd00::1]', 'fd00::1', true],
    ['[fd00::1]', 'fd00::2, 10.0.0.0/8', false],
  ])('none of the network %s with NO_PROXY %j: %s', (host, list, isExcepted) => {
    expect(proxyOf(`https://${host}/`, { HTTPS_PROXY: 'p:1', NO_PROXY: list })).toBe(
      isExcepted ? undefined : 'p:1',
    );
  });
});

const bytes = Buffer.from('bytes of an object');
const impatient = {
  silenceMs: 2000,
  totalMs: 300,
  firstContactMs: 300,
  firstDelayMs: 10,
  longestDelayMs: 50,
};

function openFiles(messages: string[] = []): RemoteFiles {
  const files = new RemoteFiles({ patience: impatient }, (message) => messages.push(message));
  onTestFinished(() => files.close());
  return files;
}

it('servers of http are asked through HTTP_PROXY, by names that only the proxy can find', async () => {
  const server = await serveHttp({ '/a': bytes });
  const proxy = await serveProxy(server.port, 'p@ss');
  vi.stubEnv('HTTP_PROXY', proxy.url.replace('://', '://user:p%40ss@'));
  const files = openFiles();
  const file = await files.find('http://photos.example/a?signed');
  expect(await files.read(file, 0, 5)).toEqual(bytes.subarray(0, 5));
  expect(proxy.requests).toEqual(Array(2).fill('GET http://photos.example/a?signed'));
  expect(server.requests[0]?.headers).toMatchObject({ host: 'photos.example' });
  expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
});

it('a proxy that refuses, and one that is not there, are named without its password', async () => {
  const server = await serveHttp({ '/a': bytes });
  const proxy = await serveProxy(server.port, 'SECRET');
  for (const scheme of ['http', 'https']) {
    for (const name of names) vi.stubEnv(name, undefined);
    vi.stubEnv(`${scheme.toUpperCase()}_PROXY`, proxy.url.replace('://', '://user:SECRETWRONG@'));
    const refused = await openFiles()
      .find(`${scheme}://photos.example/a`)
      .catch((cause) => cause);
    const host = proxy.url.replace('http://', '');
    expect(refused).toMatchObject({ name: 'DataError', code: 'REMOTE_UNREACHABLE' });
    expect(refused.message).toContain(
      `photos.example cannot be reached: the proxy ${host} refuses the connection (HTTP 407; HTTPS_PROXY or HTTP_PROXY must`,
    );
    vi.stubEnv(`${scheme.toUpperCase()}_PROXY`, 'http://user:SECRET@127.0.0.1:1');
    const missing = await openFiles()
      .find(`${scheme}://photos.example/a`)
      .catch((cause) => cause);
    expect(missing.message).toMatch(
      /attempts in .* the last: the proxy 127\.0\.0\.1:1: connect ECONNREFUSED/,
    );
    vi.stubEnv(`${scheme.toUpperCase()}_PROXY`, 'socks5://user:SECRET@127.0.0.1:1');
    const unknown = await openFiles()
      .find(`${scheme}://photos.example/a`)
      .catch((cause) => cause);
    expect(unknown).toMatchObject({ name: 'ParameterError', code: 'INVALID_OPTION' });
    expect(unknown.message).toBe(
      `${scheme.toUpperCase()}_PROXY: expected a proxy's address such as http://host:3128`,
    );
    expect(inspect([refused, missing, unknown], { depth: 10, showHidden: true })).not.toContain('SECRET');
  }
});

it('servers of https are asked through a tunnel, which is kept, and asked for again where the proxy is busy', async () => {
  const { cert, key } = certificateOf('photos.example');
  const asked: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    asked.push(`${request.headers.host}${request.url}`);
    const range = { etag: '"1"', 'content-range': `bytes 0-0/${bytes.length}` };
    response.writeHead(206, { ...range, 'content-length': 1 }).end('b');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const proxy = await serveProxy((server.address() as AddressInfo).port, 'SECRET');
  proxy.refusals.push(503);
  const folder = folderOf();
  writeFileSync(join(folder, 'ca.pem'), cert);
  const program = `
    const files = new remote.RemoteFiles();
    const file = await files.find('https://photos.example/a?signed');
    console.log((await files.read(file, 0, 1)).toString(), file.size);
    await files.close();
    const closed = new remote.RemoteFiles();
    const finding = closed.find('https://photos.example/a').catch(({ code }) => console.log(code));
    setTimeout(() => closed.close(), 1);
    await finding;`;
  const env = {
    ...{ HTTPS_PROXY: proxy.url.replace('://', '://user:SECRET@'), NO_PROXY: 'other.example' },
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  };
  const { stdout, stderr } = await scriptWith({ remote: 'src/remote/remote-files.js' }, program, { env });
  expect({ stdout, stderr }).toEqual({ stdout: 'b 18\nREADER_CLOSED\n', stderr: '' });
  expect(asked).toEqual(Array(2).fill('photos.example/a?signed'));
  // refused, then asked for again; one more of the reader that was closed, if it came to that
  expect(proxy.requests.slice(0, 2)).toEqual(Array(2).fill('CONNECT photos.example:443'));
  expect(proxy.requests.length).toBeLessThanOrEqual(3);
});
