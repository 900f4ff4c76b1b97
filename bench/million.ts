/** `npm run bench:million`: what a store of a million images costs to open and to read, beside one of ten thousand. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mebibytes } from '../src/core/mebibytes.ts';
import { importDataset } from '../src/datasets/store/import.ts';
import { generatedImages } from './generated-images.ts';
import { describeMachine, markdownTable } from './measure.ts';
import type { StoreFigures } from './store-process.ts';

const usage = `Usage: npm run bench:million -- [options]

  Makes two stores of gray 28 x 28 images and reads each at random in a fresh process (Linux). Exit code 1 where memory
  grows with the number of images.

  --count <n>    images of the larger store (default 1000000; the smaller one has 10000)
  --reads <n>    random reads, on one thread and then on each of --threads (default 100000)
  --threads <n>  (default: one a core)
  --keep <path>  a folder in which the stores are made, and taken from the next time (default: a temporary one)
  --help
`;

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    reads: { type: 'string', default: '100000' },
    threads: { type: 'string', default: String(availableParallelism()) },
    keep: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const SMALL = 10_000;
const MEBIBYTE = 2 ** 20;
/** Little garbage, and none when memory is measured: what is left is held. */
const HEAP_FLAGS = ['--expose-gc', '--max-semi-space-size=1'];
/** Between two runs of the same store, anonymous memory differs by about 2 MiB. */
const TOLERANCE = 6 * MEBIBYTE;

if (options.help) process.stdout.write(usage);
else await main();

async function main(): Promise<void> {
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'millrace-million-'));
  try {
    const small = await measure(folder, SMALL);
    const large = await measure(folder, Number(options.count));
    console.log(`${describeMachine()}\n`);
    console.log(table([small, large]));
    const growth = large.figures.afterReading.anonymous - small.figures.afterReading.anonymous;
    const bound = `${mebibytes(TOLERANCE)} are allowed`;
    console.log(`\nanonymous memory after reading differs by ${mebibytes(growth)}; ${bound}`);
    if (growth > TOLERANCE) process.exitCode = 1;
  } finally {
    if (options.keep === undefined) rmSync(folder, { recursive: true });
  }
}

interface Measured {
  readonly count: number;
  readonly bytes: number;
  readonly figures: StoreFigures;
}

async function measure(folder: string, count: number): Promise<Measured> {
  const path = join(folder, `${count}.lmdb`);
  if (!existsSync(path)) await make(path, count);
  const program = fileURLToPath(new URL('store-process.js', import.meta.url));
  const args = [...HEAP_FLAGS, program, path, options.reads, options.threads];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`reading ${path} failed:\n${stderr}`);
  return { count, bytes: statSync(path).size, figures: JSON.parse(stdout) };
}

async function make(path: string, count: number): Promise<void> {
  const start = performance.now();
  await importDataset(generatedImages(count), path, { workers: Number(options.threads) });
  const seconds = (performance.now() - start) / 1000;
  const { rss } = process.memoryUsage();
  process.stderr.write(
    `${count} images imported in ${seconds.toFixed(1)} s, at ${mebibytes(rss)} resident\n`,
  );
}

function table(measured: readonly Measured[]): string {
  const row = (name: string, value: (of: Measured) => string) => [name, ...measured.map(value)];
  return markdownTable(
    ['', ...measured.map(({ count }) => `${count} images`)],
    [
      row('file', ({ bytes }) => mebibytes(bytes)),
      row('open to the first image', ({ figures }) => `${figures.openMs.toFixed(1)} ms`),
      row('resident, opened', ({ figures }) => mebibytes(figures.afterOpening.resident)),
      row('anonymous, opened', ({ figures }) => mebibytes(figures.afterOpening.anonymous)),
      row(`resident, ${options.reads} reads`, ({ figures }) => mebibytes(figures.afterReading.resident)),
      row(`anonymous, ${options.reads} reads`, ({ figures }) => mebibytes(figures.afterReading.anonymous)),
      row('random reads/s, 1 thread', ({ figures }) => figures.readsPerSecond.toFixed(0)),
      row(`random reads/s, ${options.threads} threads`, ({ figures }) =>
        figures.readsPerSecondOnThreads.toFixed(0),
      ),
    ],
  );
}
