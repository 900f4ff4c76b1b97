/**
 * `npm run bench:remote-sources`: the 2,000 images that bench/make_sources.py wrote, from a web server that answers late and from
 * an S3 server that checks signatures: every row, the dataset's digest and the stream's, against those of the folder on the disk.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { randomResizedCrop } from '../operators/image/random-resized-crop.ts';
import { type Dataset, datasetDigest, openReader } from '../src/datasets/dataset.ts';
import { openDataset } from '../src/datasets/opening/open-dataset.ts';
import type { OpenDatasetOptions } from '../src/datasets/opening/source-kind.ts';
import { importDataset } from '../src/datasets/store/import.ts';
import { store } from '../src/datasets/store/store.ts';
import { pipeline } from '../src/pipeline.ts';
import { startS3 } from '../test/support/s3-server.ts';
import type { ServedFolder } from './file-server.ts';
import { describeMachine, markdownTable } from './measure.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:remote-sources -- <folder of bench/make_sources.py> [options]

  --latency <ms>        of the web server, before each answer (default 20)
  --s3-python <python>  the Python of .ci/install-s3; without it there is no S3 server
  --no-http             the S3 server alone
  --only <text>         sources with this in their names
  --help
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ latency: text('20'), 's3-python': text(''), only: text('') },
    'no-http': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** A source by its path in the folder; `addresses.csv` is made for each server. */
interface SourceOf {
  readonly path: string;
  readonly imageRoot?: string;
}

const layouts = ['groups-of-100', 'chunks', 'chunks-plain', 'one-group', 'none', 'version-2', 'zstd'];
const sources: readonly SourceOf[] = [
  ...['csv', 'tsv', 'jsonl', 'txt'].map((ending) => ({ path: `folder/list.${ending}` })),
  { path: 'folder/addresses.csv' },
  { path: 'folder/list.csv', imageRoot: 'shard.tar' },
  { path: 'shard.tar' },
  { path: 'a.tfrecord' },
  ...layouts.map((name) => ({ path: `${name}.parquet` })),
];

/** Rows that are asked for at once. */
const WINDOW = 64;

/** Of each row its key, its class's name and its bytes, hashed. */
async function rowsOf(dataset: Dataset): Promise<string[]> {
  const reader = await openReader(dataset.reader);
  const rows: string[] = [];
  const locators = Array.from({ length: dataset.length }, (_, index) => dataset.locator(index));
  for (const [index, locator] of locators.entries()) {
    if (index % WINDOW === 0) reader.prefetch?.(locators.slice(index, index + WINDOW));
    const hash = createHash('sha256').update((await reader.read(locator)) as Buffer);
    rows.push(`${dataset.key(index)} ${dataset.label(index)} ${hash.digest('hex')}`);
  }
  await reader.close();
  return rows;
}

async function streamDigest(dataset: Dataset): Promise<string> {
  let digest = '';
  const stream = pipeline(dataset, { batchSize: 100, workers: 2, seed: 7, digest: true });
  for await (const batch of stream.pipe(randomResizedCrop(64))) digest = batch.digest as string;
  return digest;
}

interface Truth {
  readonly rows: readonly string[];
  readonly dataset: string;
  readonly stream: string;
}

const truthOf = async (dataset: Dataset): Promise<Truth> => ({
  ...{ rows: await rowsOf(dataset), dataset: await datasetDigest(dataset) },
  stream: await streamDigest(dataset),
});

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(2);
let isOne = true;

/** A line of the table: how long each part took, and what of it is as on the disk. */
async function lineOf(name: string, open: () => Promise<Dataset>, truth: Truth): Promise<string[]> {
  let start = performance.now();
  const dataset = await open();
  const opened = seconds(start);
  start = performance.now();
  await open();
  const again = seconds(start);
  start = performance.now();
  const isDataset = (await datasetDigest(dataset)) === truth.dataset;
  const digested = seconds(start);
  start = performance.now();
  // a store keeps JPEGs transcoded: its rows are compared by the stream
  const rows = dataset.name.startsWith('store(') ? truth.rows : await rowsOf(dataset);
  const read = seconds(start);
  const wrong =
    truth.rows.filter((row, index) => row !== rows[index]).length + rows.length - truth.rows.length;
  start = performance.now();
  const isStream = (await streamDigest(dataset)) === truth.stream;
  const streamed = seconds(start);
  isOne &&= isDataset && isStream && wrong === 0;
  const words = [isDataset, isStream].map((isSame) => (isSame ? 'the same' : 'ANOTHER'));
  console.error(`${name}: ${wrong} rows wrong, digests ${words.join(', ')}`);
  return [name, opened, again, digested, read, streamed, String(wrong), ...(words as [string, string])];
}

const header = [
  ...['source', 'open, s', 'again, s', 'digest, s', 'rows, s', 'stream, s'],
  ...['rows wrong', 'dataset', 'stream'],
];

/** All sources below an address. */
async function tableOf(root: string, truth: Truth, scratch: string, cache?: string): Promise<string> {
  const lines: string[][] = [];
  const isWanted = (name: string) => name.includes(options.only);
  for (const { path, imageRoot } of sources) {
    const name = imageRoot === undefined ? path : `${path} with ${imageRoot} as root`;
    const more: OpenDatasetOptions = { cache, ...(imageRoot && { imageRoot: `${root}/${imageRoot}` }) };
    if (isWanted(name)) lines.push(await lineOf(name, () => openDataset(`${root}/${path}`, more), truth));
  }
  for (const path of ['shard.tar', 'folder/list.csv']) {
    const name = `store imported from ${path}`;
    // of another name for each server: an environment of LMDB stays open
    const target = join(scratch, `${root.slice(0, 2)}-${path.replace('/', '-')}.lmdb`);
    if (!isWanted(name)) continue;
    await importDataset(await openDataset(`${root}/${path}`, { cache }), target, { workers: 2 });
    lines.push(await lineOf(name, async () => store(target), truth));
    rmSync(target, { force: true, recursive: true });
  }
  return markdownTable(header, lines);
}

/** The list with addresses for paths, of the server at `root`. */
function addresses(folder: string, root: string): string {
  const [head, ...rows] = readFileSync(join(folder, 'folder/list.csv'), 'utf8').trim().split(/\r?\n/);
  return [head, ...rows.map((row) => `${root}/folder/${row}`), ''].join('\n');
}

async function overHttp(folder: string, truth: Truth, scratch: string): Promise<string> {
  const latencyMs = Number(options.latency);
  const server = new Worker(new URL('./file-server.js', import.meta.url), {
    workerData: { folder, latencyMs } satisfies ServedFolder,
  });
  try {
    const [port] = (await once(server, 'message')) as [number];
    const root = `http://127.0.0.1:${port}`;
    writeFileSync(join(folder, 'folder/addresses.csv'), addresses(folder, root));
    return `from a web server that answers after ${latencyMs} ms\n\n${await tableOf(root, truth, scratch)}\n`;
  } finally {
    await server.terminate();
  }
}

async function overS3(folder: string, truth: Truth, scratch: string): Promise<string> {
  const server = await startS3(options['s3-python'], 1000);
  try {
    Object.assign(process.env, server.environment);
    const root = `s3://${server.bucket}`;
    writeFileSync(join(folder, 'folder/addresses.csv'), addresses(folder, root));
    for (const name of (readdirSync(folder, { recursive: true }) as string[]).filter(isObject(folder)))
      await server.put(name, readFileSync(join(folder, name)));
    // this server reads a whole object for each part of it that is asked for: with a cache it's asked for few
    const table = await tableOf(root, truth, scratch, join(scratch, 'cache'));
    return `from an S3 server that checks signatures, with a cache, empty at first\n\n${table}\n`;
  } finally {
    server.stop();
  }
}

const isObject = (folder: string) => (name: string) =>
  statSync(join(folder, name)).isFile() && !name.endsWith('.millrace');

async function main(folder: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    // what was listed before would not be listed now
    process.env['XDG_CACHE_HOME'] = scratch;
    const truth = await truthOf(await openDataset(join(folder, 'folder')));
    console.log(`${describeMachine()}\n${truth.rows.length} images; digests of the folder on the disk:`);
    console.log(`dataset ${truth.dataset}\nstream ${truth.stream}\n`);
    if (!options['no-http']) console.log(await overHttp(folder, truth, scratch));
    if (options['s3-python'] !== '') console.log(await overS3(folder, truth, scratch));
  } finally {
    rmSync(scratch, { recursive: true });
  }
  if (!isOne) process.exitCode = 1;
}

const [folder] = positionals;
if (options.help || folder === undefined) process.stdout.write(usage);
else await main(folder);
