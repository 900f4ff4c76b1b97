/**
 * A web server on a thread of its own: the files of a folder, by ranges, with ETags, each answer late by so many milliseconds.
 * Posts its port.
 */
import { open, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

export interface ServedFolder {
  readonly folder: string;
  readonly latencyMs: number;
}

const { folder, latencyMs } = workerData as ServedFolder;

async function answer({ url = '/', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(folder, decodeURIComponent(url));
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFile() !== true) return void response.writeHead(404).end();
  const etag = `"${stats.size}-${stats.mtimeMs}"`;
  if ((headers['if-match'] ?? etag) !== etag) return void response.writeHead(412).end();
  const [, first = '0', last = stats.size] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const bytes = Buffer.alloc(Math.max(0, Math.min(Number(last) + 1, stats.size) - Number(first)));
  const file = await open(path);
  try {
    await file.read(bytes, 0, bytes.length, Number(first));
  } finally {
    await file.close();
  }
  const range = `bytes ${first}-${Number(first) + bytes.length - 1}/${stats.size}`;
  response.writeHead(206, { etag, 'content-range': range, 'content-length': bytes.length }).end(bytes);
}

const server = createServer((request, response) => {
  setTimeout(() => void answer(request, response).catch((cause) => response.destroy(cause)), latencyMs);
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
