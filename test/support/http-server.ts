import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What the server does with a request before it answers; true: the request is dealt with. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

interface ServerOptions {
  /** Before each answer. */
  readonly latencyMs?: number;
  /** Sends the whole object, whatever is asked for. */
  readonly ignoresRanges?: boolean;
  /** Answers whatever ETag is asked for. */
  readonly ignoresConditions?: boolean;
  /** Sends `Last-Modified` instead of an ETag. */
  readonly hasDates?: boolean;
  /** Comes first at each request. */
  readonly handler?: Fault;
}

/** A web server in this process, with ranges and ETags, that fails as it is told to. */
export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** By path: `/a.tar`. */
  readonly objects: Map<string, Buffer>;
  /** Used up one by one, a request each. */
  readonly faults: Fault[];
  /** What was asked for, first to last. */
  readonly requests: IncomingMessage[];
  /** Of requests at one time. */
  readonly mostAtOnce: number;
  options: ServerOptions;
  /** Takes no more connections and ends those it has. */
  stop(): Promise<void>;
  /** At the same port. */
  start(): Promise<void>;
}

/** Ends after the test. */
export async function serveHttp(
  objects: Readonly<Record<string, Buffer>> = {},
  options: ServerOptions = {},
): Promise<HttpServer> {
  const server = new LocalServer(objects, options);
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}

class LocalServer implements HttpServer {
  readonly objects: Map<string, Buffer>;
  readonly faults: Fault[] = [];
  readonly requests: IncomingMessage[] = [];
  options: ServerOptions;
  port = 0;
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #server = createServer((request, response) => this.#take(request, response));

  constructor(objects: Readonly<Record<string, Buffer>>, options: ServerOptions) {
    this.objects = new Map(Object.entries(objects));
    this.options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await ended;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(request);
    this.#atOnce++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    response.on('close', () => this.#atOnce--);
    setTimeout(() => {
      const fault = this.faults.shift() ?? this.options.handler;
      if (!fault?.(request, response)) this.#answer(request, response);
    }, this.options.latencyMs ?? 0);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const body = this.objects.get(decodeURIComponent((request.url ?? '').split('?')[0] as string));
    if (body === undefined) return void response.writeHead(404).end();
    const { ignoresRanges, ignoresConditions, hasDates } = this.options;
    const etag = etagOf(body);
    const identity = hasDates ? { 'last-modified': dateOf(body) } : { etag };
    const wanted = request.headers['if-match'];
    if (wanted !== undefined && wanted !== etag && !ignoresConditions)
      return void response.writeHead(412).end();
    const range = ignoresRanges ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null)
      return void response.writeHead(200, { ...identity, 'content-length': body.length }).end(body);
    const [start, last] = [Number(range[1]), Math.min(Number(range[2]), body.length - 1)];
    if (start >= body.length)
      return void response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    const part = body.subarray(start, last + 1);
    const position = { 'content-range': `bytes ${start}-${last}/${body.length}` };
    response.writeHead(206, { ...identity, ...position, 'content-length': part.length }).end(part);
  }
}

const etagOf = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`;

/** Another one for other bytes. */
const dateOf = (body: Buffer): string =>
  new Date(createHash('md5').update(body).digest().readUInt32LE(0) * 1000).toUTCString();

/** Ends the connection without an answer. */
export const reset: Fault = (request) => {
  request.socket.resetAndDestroy();
  return true;
};

/** Sends headers and half of what they promise. */
export const half: Fault = (request, response) => {
  response.writeHead(206, { 'content-length': 100, 'content-range': 'bytes 0-99/100' });
  response.write(Buffer.alloc(50), () => request.socket.destroy());
  return true;
};

/** Never answers. */
export const silent: Fault = () => true;

/** Answers so. */
export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Fault =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
