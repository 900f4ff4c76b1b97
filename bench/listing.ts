/** `npm run bench:listing`: what a source of ten million samples holds of memory when it is listed, and how long that takes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mebibytes } from '../src/core/mebibytes.ts';
import type { ListingFigures } from './listing-process.ts';
import { describeMachine, markdownTable } from './measure.ts';
import { text } from './text-option.ts';

/** By kind: what is listed in its folder, and the divisor of --count where as many would need too much disk. */
const sources = {
  text: ['list.txt', 1],
  csv: ['train.csv', 1],
  jsonl: ['train.jsonl', 1],
  parquet: ['train.parquet', 1],
  tfrecord: ['.', 1],
  tar: ['.', 5],
  folder: ['.', 10],
  npz: ['images.npz', 1],
  cifar: ['.', 10],
} as const;

const usage = `Usage: npm run bench:listing -- [options]

  Lists each source in a fresh process. Exit code 1 where ten million samples would hold more than 300 MB.

  --count <n>      samples (default 10000000; tar has a fifth of them, folder and cifar a tenth: their disk is dear)
  --kinds <a,b>    of ${Object.keys(sources).join(', ')} (default: all)
  --keep <path>    a folder in which the sources are made, and taken from the next time (default: a temporary one)
  --python <path>  a Python with numpy, pyarrow and google-crc32c (default: $MILLRACE_PYTHON or python3)
  --help
`;

const { values: options } = parseArgs({
  options: {
    count: text('10000000'),
    kinds: text(Object.keys(sources).join(',')),
    keep: { type: 'string' },
    python: text(process.env['MILLRACE_PYTHON'] ?? 'python3'),
    help: { type: 'boolean', default: false },
  },
});

/** Of samples the bar is for, and bytes. */
const [BAR_SAMPLES, BAR] = [1e7, 300e6];

if (options.help) process.stdout.write(usage);
else main();

function main(): void {
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'millrace-listing-'));
  try {
    const kinds = options.kinds.split(',') as (keyof typeof sources)[];
    const rows = kinds.map((kind) => rowOf(kind, measured(kind, folder)));
    console.log(`${describeMachine()}\n`);
    const heads = ['source', 'samples', 'seconds', 'held', 'held by 10 million', 'process', 'its peak'];
    console.log(markdownTable([...heads, 'a key at random', 'the next key'], rows));
  } finally {
    if (options.keep === undefined) rmSync(folder, { recursive: true });
  }
}

function measured(kind: keyof typeof sources, folder: string): ListingFigures {
  const [name, divisor] = sources[kind];
  const count = Math.floor(Number(options.count) / divisor);
  const made = join(folder, `${kind}-${count}`);
  if (!existsSync(made)) make(kind, count, made);
  const program = fileURLToPath(new URL('listing-process.js', import.meta.url));
  return JSON.parse(run(process.execPath, ['--expose-gc', program, join(made, name)]));
}

/** Under another name first: what was broken off is made anew. */
function make(kind: string, count: number, folder: string): void {
  process.stderr.write(`makes ${folder}\n`);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  run(options.python, ['bench/make_listings.py', kind, String(count), unfinished]);
  renameSync(unfinished, folder);
}

function run(program: string, args: readonly string[]): string {
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${[program, ...args].join(' ')} failed:\n${error ?? stderr}`);
}

function rowOf(kind: string, figures: ListingFigures): string[] {
  const { samples, seconds, held, resident, peak, randomKey, nextKey } = figures;
  const ofBar = (held * BAR_SAMPLES) / samples;
  if (ofBar > BAR) process.exitCode = 1;
  return [
    ...[kind, String(samples), seconds.toFixed(1), mebibytes(held), mebibytes(ofBar), mebibytes(resident)],
    ...[mebibytes(peak), `${randomKey.toFixed(1)} µs`, `${nextKey.toFixed(1)} µs`],
  ];
}
