/**
 * A web server on a thread of its own: one object of random bytes, each answer late by so many milliseconds. Posted
 * `{ latencyMs }` or `{ downMs }`, it answers `done`: at once, or when it is back.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { randomFor } from '../src/core/random.ts';

export interface ServerOrder {
  readonly latencyMs?: number;
  readonly downMs?: number;
}

const { bytes } = workerData as { readonly bytes: number };
const object = Buffer.alloc(bytes);
const rng = randomFor(1, 0, 0, 0);
for (let i = 0; i + 4 <= bytes; i += 4) object.writeUInt32LE(rng.uint32(), i);

let latencyMs = 0;
const server = createServer((request, response) => {
  if (latencyMs === 0) answer(request, response);
  else setTimeout(() => answer(request, response), latencyMs);
});

function answer({ headers }: IncomingMessage, response: ServerResponse): void {
  const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const part = object.subarray(Number(first), Number(last) + 1);
  const range = `bytes ${first}-${last}/${bytes}`;
  response.writeHead(206, { etag: '"1"', 'content-range': range, 'content-length': part.length }).end(part);
}

const listen = (port: number) =>
  new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));

async function beAway(ms: number): Promise<void> {
  const { port } = server.address() as AddressInfo;
  server.close();
  server.closeAllConnections();
  await new Promise((resolve) => setTimeout(resolve, ms));
  await listen(port);
}

parentPort?.on('message', async (order: ServerOrder) => {
  latencyMs = order.latencyMs ?? latencyMs;
  if (order.downMs !== undefined) await beAway(order.downMs);
  parentPort?.postMessage('done');
});
await listen(0);
parentPort?.postMessage((server.address() as AddressInfo).port);
