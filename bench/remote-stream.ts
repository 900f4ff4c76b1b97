import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { randomResizedCrop } from '../operators/image/random-resized-crop.ts';
import type { Dataset } from '../src/datasets/dataset.ts';
import { openDataset } from '../src/datasets/opening/open-dataset.ts';
import { pipeline } from '../src/pipeline.ts';

// Rows of 58 KB from a server that answers after 20 ms, in a thread of this process, on 4 threads: rows/s; then the same epoch
// while the server is gone for 5 s, and from the disk: one digest.

const [SAMPLES, SAMPLE_BYTES, LATENCY_MS, GONE_MS] = [2000, 58_000, 20, 5000];

const serverCode = `
const { createServer } = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const body = Buffer.from(workerData.body);
const server = createServer((request, response) => setTimeout(() => {
  const [, first, last] = /(\\d+)-(\\d+)/.exec(request.headers.range);
  const part = body.subarray(Number(first), Number(last) + 1);
  response.writeHead(206, { etag: '"1"', 'content-length': part.length,
    'content-range': 'bytes ' + first + '-' + (Number(first) + part.length - 1) + '/' + body.length });
  response.end(part);
}, workerData.latencyMs));
let port = 0;
const listen = () => server.listen(port, '127.0.0.1', () => {
  port = server.address().port;
  parentPort.postMessage(port);
});
listen();
parentPort.on('message', (goneMs) => {
  server.close();
  server.closeAllConnections();
  setTimeout(listen, goneMs);
});`;

/** A header of ustar, and the member padded. */
function member(name: string, data: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write('0000644\0', 100);
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

async function makeTar(): Promise<Buffer> {
  const members: Buffer[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const background = { r: i & 255, g: (i >> 3) & 255, b: 90 };
    const jpeg = await sharp({ create: { width: 48, height: 48, channels: 3, background } })
      .jpeg()
      .toBuffer();
    // what follows the end of a JPEG is not decoded: the network's time is what is measured
    members.push(member(`${i}.jpg`, Buffer.concat([jpeg, Buffer.alloc(SAMPLE_BYTES - jpeg.length)])));
    members.push(member(`${i}.cls`, Buffer.from(String(i % 10))));
  }
  return Buffer.concat([...members, Buffer.alloc(1024)]);
}

interface Epoch {
  readonly rate: number;
  /** Milliseconds of all threads, the server's too, per row. */
  readonly cpuMs: number;
  readonly digest: string;
}

/** An epoch: rows per second after the first batches, and the last digest. */
async function epoch(dataset: Dataset, onBatch = (_: number) => {}): Promise<Epoch> {
  const stream = pipeline(dataset, { batchSize: 64, workers: 4, prefetch: 4, seed: 7, digest: true });
  let [batches, rows, start, digest] = [0, 0, 0, ''];
  let used = process.cpuUsage();
  for await (const batch of stream.pipe(randomResizedCrop(32))) {
    if (batches === 5) [start, used] = [performance.now(), process.cpuUsage()];
    if (batches > 5) rows += batch.ids.length;
    digest = batch.digest as string;
    onBatch(batches++);
  }
  const { user, system } = process.cpuUsage(used);
  return { rate: (rows / (performance.now() - start)) * 1000, cpuMs: (user + system) / 1000 / rows, digest };
}

const inWords = ({ rate, cpuMs }: Epoch): string =>
  `${rate.toFixed(0)} rows/s, ${cpuMs.toFixed(2)} ms of CPU per row`;

const tar = await makeTar();
const folder = mkdtempSync(join(tmpdir(), 'millrace-remote-'));
const path = join(folder, 'a.tar');
writeFileSync(path, tar);
const server = new Worker(serverCode, { eval: true, workerData: { body: tar, latencyMs: LATENCY_MS } });
const port = await new Promise((resolve) => server.once('message', resolve));
try {
  const local = await epoch(await openDataset(path));
  const listing = performance.now();
  const dataset = await openDataset(`http://127.0.0.1:${port}/a.tar`);
  const listed = (performance.now() - listing) / 1000;
  console.log(`listing ${(tar.length / 1e6).toFixed(0)} MB: ${listed.toFixed(2)} s`);
  console.log(`disk: ${inWords(local)}`);
  const remote = await epoch(dataset);
  console.log(`network, ${LATENCY_MS} ms: ${inWords(remote)}`);
  const gone = await epoch(dataset, (batch) => batch === 10 && server.postMessage(GONE_MS));
  console.log(`server gone for ${GONE_MS / 1000} s: ${inWords(gone)}`);
  const isOne = remote.digest === local.digest && gone.digest === local.digest;
  console.log(`digests: ${isOne ? 'one' : 'DIFFERENT'} (${local.digest})`);
  if (!isOne) process.exitCode = 1;
} finally {
  await server.terminate();
  rmSync(folder, { recursive: true });
}
