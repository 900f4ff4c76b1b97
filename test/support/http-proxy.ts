import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy in this process, which finds every server at a port of this machine, whatever its name. */
export interface LocalProxy {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** What was asked of it: `CONNECT photos.example:443`, `GET http://photos.example/a.tar`. */
  readonly requests: string[];
  /** What it answers in place of a server, one by one. */
  readonly refusals: number[];
}

/** Ends after the test. `password`: of the user `user`, where it wants one. */
export async function serveProxy(port: number, password?: string): Promise<LocalProxy> {
  const requests: string[] = [];
  const refusals: number[] = [];
  const expected = password && `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
  const refusalOf = (authorization: string | undefined): number | undefined =>
    expected !== undefined && authorization !== expected ? 407 : refusals.shift();
  const server = createServer((asked, response) => {
    requests.push(`${asked.method} ${asked.url}`);
    const { 'proxy-authorization': authorization, ...headers } = asked.headers;
    const refusal = refusalOf(authorization);
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    const { pathname, search } = new URL(asked.url as string);
    const sent = request({ host: '127.0.0.1', port, path: pathname + search, headers }, (answer) => {
      response.writeHead(answer.statusCode as number, answer.headers);
      answer.pipe(response);
    });
    sent.on('error', () => response.destroy());
    sent.end();
  });
  server.on('connect', (asked, socket) => {
    requests.push(`CONNECT ${asked.url}`);
    const refusal = refusalOf(asked.headers['proxy-authorization']);
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const one of [target, socket]) one.on('error', () => target.destroy() && socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, refusals };
}
