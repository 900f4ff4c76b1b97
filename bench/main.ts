/** `npm run bench`: images/s of our pipeline, and milliseconds of our kernels and Pillow's. Loaders of others: peers.ts. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultImageSet, ensureImageSet } from './images.ts';
import { kernelTable } from './kernels.ts';
import { describeMachine } from './measure.ts';
import { compare, comparisonTable, describeVersions } from './peers/comparison.ts';
import { ownContestants } from './peers/contestants.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench -- [options]

  --python <path>         Python with Pillow (default: $MILLRACE_PYTHON, else .venv/bin/python; bench/peers/README.md)
  --workers <n>           worker threads (default 2)
  --rounds <n>            times that each of our loaders is run (default 3)
  --epochs <n>            measured epochs a run, after one for warm-up (default 2)
  --count <n>             images of the set (default ${defaultImageSet.count})
  --batch-size <n>        (default 64)
  --policy <name>         v0, imagenet, ta_wide or none (default v0)
  --interpolation <name>  bilinear or bicubic (default bilinear)
  --backend <name>        data backend of our pipeline (default cpu)
  --help
`;

const { values: options } = parseArgs({
  options: {
    python: text(process.env['MILLRACE_PYTHON'] ?? join('.venv', 'bin', 'python')),
    workers: text('2'),
    rounds: text('3'),
    epochs: text('2'),
    count: text(String(defaultImageSet.count)),
    'batch-size': text('64'),
    policy: text('v0'),
    interpolation: text('bilinear'),
    backend: text('cpu'),
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const folder = await ensureImageSet({ ...defaultImageSet, count: Number(options.count) });
  const { policy, interpolation, backend } = options;
  const [workers, rounds, epochs] = [options.workers, options.rounds, options.epochs].map(Number) as [
    number,
    number,
    number,
  ];
  const work = {
    folder,
    size: 224,
    workers,
    epochs,
    batchSize: Number(options['batch-size']),
    policy,
    interpolation,
  };
  const outcomes = await compare(ownContestants(backend), work, rounds);
  if (outcomes.some(({ missing }) => missing !== undefined)) throw new Error('a loader of ours failed');
  const settings = `${workers} workers, policy ${policy}, ${interpolation} crop; ${folder}`;
  const figures = `median of ${rounds} rounds x ${epochs} epochs, after a warm-up epoch each`;
  process.stdout.write(`${describeMachine()}\n${describeVersions(outcomes)}\n${settings}\n${figures}\n\n`);
  process.stdout.write(`${comparisonTable(outcomes, [])}\n`);
  process.stdout.write(await kernelTable(folder, options.python));
}

if (options.help) process.stdout.write(usage);
else await main();
