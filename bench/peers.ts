/** `npm run bench:peers`: images/s of millrace and its peers, in turn, on the same files with as many workers. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureImageSet, type ImageSet, imageSets } from './images.ts';
import { describeMachine } from './measure.ts';
import {
  compare,
  comparisonTable,
  describeVersions,
  findUnequalWork,
  type Outcome,
} from './peers/comparison.ts';
import { ownContestants, peerContestants, type Work } from './peers/contestants.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:peers -- [options]

  --sets <names>              of ${Object.keys(imageSets).join(', ')} (default all)
  --policies <names>          of v0, imagenet (AutoAugment), ta_wide (TrivialAugment), none (default v0,ta_wide,none)
  --interpolations <names>    of bilinear, bicubic (default bilinear)
  --loaders <names>           only those whose name contains one of these (default all; ours always take part)
  --workers <n>               worker threads or processes of every loader (default 2)
  --rounds <n>                times that each loader is run (default 3)
  --epochs <n>                measured epochs a run, after one for warm-up (default 2)
  --batch-size <n>            (default 64)
  --count <n>                 images of each set, a multiple of the batch size (default: each set's own)
  --quick                     512 images, one round of one epoch
  --json                      prints JSON in place of Markdown
  --python <path>             Python with torchvision (default: $MILLRACE_PYTHON, else .venv/bin/python)
  --python-pillow-simd <path> ... with torchvision and pillow-simd ($MILLRACE_PYTHON_PILLOW_SIMD, .venv-pillow-simd)
  --python-dali <path>        ... with NVIDIA DALI ($MILLRACE_PYTHON_DALI, .venv-dali)
  --python-tf <path>          ... with TensorFlow ($MILLRACE_PYTHON_TF, .venv-tf)
  --help

Every peer is optional; bench/peers/README.md says how to install them. Progress goes to stderr.
`;

const python = (suffix: string) =>
  text(
    process.env[`MILLRACE_PYTHON${suffix}`] ??
      join(`.venv${suffix.toLowerCase().replaceAll('_', '-')}`, 'bin', 'python'),
  );
const { values: options } = parseArgs({
  options: {
    sets: text(Object.keys(imageSets).join(',')),
    policies: text('v0,ta_wide,none'),
    interpolations: text('bilinear'),
    loaders: text(''),
    workers: text('2'),
    rounds: { type: 'string' },
    epochs: { type: 'string' },
    'batch-size': text('64'),
    count: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    python: python(''),
    'python-pillow-simd': python('_PILLOW_SIMD'),
    'python-dali': python('_DALI'),
    'python-tf': python('_TF'),
    help: { type: 'boolean', default: false },
  },
});

/** One table: a work, and how every loader did. */
interface Comparison {
  readonly set: string;
  readonly work: Work;
  readonly outcomes: readonly Outcome[];
  readonly complaints: readonly string[];
}

const workers = positiveInteger('workers', options.workers);
const batchSize = positiveInteger('batch-size', options['batch-size']);
const rounds = positiveInteger('rounds', options.rounds ?? (options.quick ? '1' : '3'));
const epochs = positiveInteger('epochs', options.epochs ?? (options.quick ? '1' : '2'));
const own = ownContestants();
const contestants = [...own, ...peers()];

function positiveInteger(name: string, value: string): number {
  const number = Number(value);
  if (!(Number.isSafeInteger(number) && number > 0))
    throw new Error(`--${name} must be 1 or more, got ${value}`);
  return number;
}

function peers() {
  const all = peerContestants(
    {
      torchvision: options.python,
      pillowSimd: options['python-pillow-simd'],
      dali: options['python-dali'],
      tensorflow: options['python-tf'],
    },
    workers,
  );
  const wanted = options.loaders.toLowerCase().split(',');
  return all.filter(({ name }) => wanted.some((part) => name.toLowerCase().includes(part)));
}

/** The set of this name, with as many images as asked for. */
function imageSet(name: string): ImageSet {
  const set = imageSets[name as keyof typeof imageSets] as ImageSet | undefined;
  if (set === undefined) throw new Error(`--sets: no set ${name}`);
  const quickCount = options.quick ? '512' : String(set.count);
  const count = positiveInteger('count', options.count ?? quickCount);
  if (count % batchSize !== 0) throw new Error(`--count must be a multiple of ${batchSize}, got ${count}`);
  return { ...set, count };
}

/** Every work asked for: each set with each policy and each interpolation. */
async function* works(): AsyncGenerator<{ set: string; work: Work }> {
  for (const set of options.sets.split(',')) {
    const images = imageSet(set);
    const folder = await ensureImageSet(images);
    const size = Math.min(224, images.height);
    for (const interpolation of options.interpolations.split(',')) {
      for (const policy of options.policies.split(','))
        yield { set, work: { folder, size, workers, epochs, batchSize, policy, interpolation } };
    }
  }
}

function describe({ set, work, outcomes, complaints }: Comparison): string {
  const { policy, interpolation, size, folder } = work;
  const title = `## ${set}: ${folder}, policy ${policy}, ${interpolation} crop to ${size}x${size}`;
  const table = comparisonTable(
    outcomes,
    own.map(({ name }) => name),
  );
  return [title, '', table, ...complaints.map((complaint) => `NOT THE SAME WORK: ${complaint}\n`), ''].join(
    '\n',
  );
}

async function main(): Promise<void> {
  const figures = `median of ${rounds} rounds x ${epochs} epochs, loaders in turn, after a warm-up epoch each`;
  const settings = `${workers} workers, batch ${batchSize}; ${figures}`;
  if (!options.json) process.stdout.write(`${describeMachine()}\n${settings}\n\n`);
  const comparisons: Comparison[] = [];
  for await (const { set, work } of works()) {
    process.stderr.write(`${set}, ${work.policy}, ${work.interpolation}\n`);
    const outcomes = await compare(contestants, work, rounds);
    const comparison = { set, work, outcomes, complaints: findUnequalWork(outcomes) };
    comparisons.push(comparison);
    if (!options.json) process.stdout.write(describe(comparison));
  }
  const versions = describeVersions(comparisons.flatMap(({ outcomes }) => outcomes));
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ machine: describeMachine(), settings, versions, comparisons }, null, 2)}\n`,
    );
  else process.stdout.write(`${versions}\n`);
  const isClean = comparisons.every(
    ({ outcomes, complaints }) =>
      complaints.length === 0 && outcomes.every(({ missing }) => missing !== 'failed'),
  );
  if (!isClean) process.exitCode = 1;
}

if (options.help) process.stdout.write(usage);
else await main();
