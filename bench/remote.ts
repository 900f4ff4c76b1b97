/** `npm run bench:remote`: rows a second from a web server by requests in flight, and what a row of the cache on disk costs. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { randomFor } from '../src/core/random.ts';
import type { RemoteFile } from '../src/remote/remote-file.ts';
import { RemoteFiles, type RemoteOptions } from '../src/remote/remote-files.ts';
import { describeMachine, interleave, markdownTable, summarize } from './measure.ts';
import type { ServerOrder } from './remote-server.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:remote -- [options]

  --rows <n>      rows a turn (default 600)
  --row-bytes <n> length of a row (default 58000)
  --rounds <n>    turns (default 3)
  --latency <ms>  before each answer (default 20)
  --help
`;

const { values: options } = parseArgs({
  options: {
    ...{ rows: text('600'), 'row-bytes': text('58000'), rounds: text('3'), latency: text('20') },
    help: { type: 'boolean', default: false },
  },
});
const [rows, rowBytes, rounds, latencyMs] = [
  ...[Number(options.rows), Number(options['row-bytes']), Number(options.rounds), Number(options.latency)],
] as [number, number, number, number];
const OBJECT_BYTES = 160e6;
const CACHE_LIMIT = 128e6;
const DOWN_MS = 5000;

/** Rows at random places, so many at a time; returns rows a second. */
async function readRows(
  files: RemoteFiles,
  file: RemoteFile,
  inFlight: number,
  count: number,
): Promise<number> {
  const rng = randomFor(inFlight, 0, 0, 0);
  const start = performance.now();
  let left = count;
  const readSome = async () => {
    while (left-- > 0) {
      const row = await files.read(file, rng.integer(file.size - rowBytes), rowBytes);
      if (row.length !== rowBytes) throw new Error(`a row has ${row.length} bytes`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, readSome));
  return (count / (performance.now() - start)) * 1000;
}

async function withFiles<T>(remote: RemoteOptions, use: (files: RemoteFiles) => Promise<T>): Promise<T> {
  const files = new RemoteFiles(remote, (message) => console.log(`(${message})`));
  try {
    return await use(files);
  } finally {
    await files.close();
  }
}

async function ratesTable(order: (o: ServerOrder) => Promise<void>, file: RemoteFile): Promise<string> {
  const contestants = [0, latencyMs].flatMap((ms) => [1, 16, 64].map((inFlight) => ({ ms, inFlight })));
  const rates = await interleave(contestants, rounds, async ({ ms, inFlight }) => {
    await order({ latencyMs: ms });
    const count = inFlight === 1 ? Math.ceil(rows / 5) : rows;
    return withFiles({}, (files) => readRows(files, file, inFlight, count));
  });
  const lines = contestants.map((contestant) => {
    const { median, min, max } = summarize(rates.get(contestant) ?? []);
    return [contestant.ms, contestant.inFlight, ...[median, min, max].map(Math.round)].map(String);
  });
  return markdownTable(['latency, ms', 'in flight', 'rows/s', 'min', 'max'], lines);
}

async function cacheTable(file: RemoteFile): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const cache = { folder, limit: 2 * OBJECT_BYTES };
  try {
    const first = await withFiles({ cache }, (files) => readRows(files, file, 16, rows * 3));
    const hits: number[] = [];
    for (let i = 0; i < rounds; i++)
      hits.push(await withFiles({ cache }, (files) => readRows(files, file, 1, rows)));
    const { median } = summarize(hits);
    const lines = [
      ['filling', first.toFixed(0), (1e6 / first).toFixed(0)],
      ['filled', median.toFixed(0), (1e6 / median).toFixed(0)],
    ];
    return markdownTable(['cache', 'rows/s', 'µs a row'], lines);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How full a cache gets that is smaller than the object, while it is read three times over. */
async function limitLine(file: RemoteFile): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const fills: number[] = [];
    await withFiles({ cache: { folder, limit: CACHE_LIMIT } }, async (files) => {
      for (let at = 0; at < 3 * file.size; at += 2 ** 20) {
        await files.read(file, at % file.size, 1);
        if (at > CACHE_LIMIT * 1.1) fills.push(bytesIn(folder) / CACHE_LIMIT);
      }
    });
    const [least, most] = [Math.min(...fills), Math.max(...fills)].map(
      (fill) => `${(100 * fill).toFixed(2)} %`,
    );
    return `a full cache of ${CACHE_LIMIT / 1e6} MB holds ${least} to ${most} of its limit`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

async function outageLine(order: (o: ServerOrder) => Promise<void>, file: RemoteFile): Promise<string> {
  const start = performance.now();
  const down = order({ downMs: DOWN_MS });
  const rate = await withFiles({}, (files) => readRows(files, file, 16, rows));
  await down;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  return `${rows} rows of a server that is gone for ${DOWN_MS / 1000} s: all there after ${seconds} s (${rate.toFixed(0)} rows/s)`;
}

async function main(): Promise<void> {
  const server = new Worker(new URL('./remote-server.js', import.meta.url), {
    workerData: { bytes: OBJECT_BYTES },
  });
  const [port] = (await once(server, 'message')) as [number];
  const order = async (one: ServerOrder) => {
    server.postMessage(one);
    await once(server, 'message');
  };
  const file = await withFiles({}, (files) => files.find(`http://127.0.0.1:${port}/rows.tar`));
  console.log(`${describeMachine()}\nrows of ${rowBytes} bytes from a server on a thread of this process\n`);
  console.log(`${await ratesTable(order, file)}\n`);
  console.log(`${await cacheTable(file)}\n`);
  await order({ latencyMs: 0 });
  console.log(await limitLine(file));
  console.log(await outageLine(order, file));
  await server.terminate();
}

if (options.help) process.stdout.write(usage);
else await main();
