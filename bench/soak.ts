/** `npm run bench:soak`: a long stream whose memory, descriptors, handles and threads must not become more. */
import { parseArgs } from 'node:util';
import { describeMachine, markdownTable } from './measure.ts';
import { expectExit, leftThreads } from './soak-sample.ts';
import { soakStream } from './soak-stream.ts';
import { judge, showValue, type Trend } from './soak-verdict.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:soak -- [options]

  --images <n>       images of the stream, after the warm-up (default 200000)
  --warmup <n>       images before the first sample (default 60000: V8's heaps take as many to find their sizes)
  --data <path>      folder, shards or store (default: the images of npm run bench)
  --size <pixels>    edge of the crops (default 224)
  --batch-size <n>   (default 64)
  --workers <n>      (default: one a core)
  --margin <MiB>     growth of memory that is no failure (default 16)
  --help
`;

const { values: options } = parseArgs({
  options: {
    images: text('200000'),
    warmup: text('60000'),
    data: { type: 'string' },
    size: text('224'),
    'batch-size': text('64'),
    workers: { type: 'string' },
    margin: text('16'),
    help: { type: 'boolean', default: false },
  },
});

const describeTrend = ({ name, unit, first, last }: Trend): string[] => [
  name,
  showValue(unit, first),
  showValue(unit, last),
];

async function main(): Promise<void> {
  const run = await soakStream({
    ...{ data: options.data, warmup: Number(options.warmup), images: Number(options.images) },
    ...{ size: Number(options.size), batchSize: Number(options['batch-size']) },
    workers: options.workers === undefined ? undefined : Number(options.workers),
  });
  const { trends, failures } = judge(run.samples, Number(options.margin) * 2 ** 20);
  const all = [...failures, ...(await leftThreads(run))];
  process.stdout.write(`${describeMachine()}\n${run.work}, ${run.samples.length} samples\n\n`);
  process.stdout.write(markdownTable(['median', 'first tenth', 'last tenth'], trends.map(describeTrend)));
  process.stdout.write(all.length === 0 ? '\npassed\n' : `\nfailed: ${all.join('\nfailed: ')}\n`);
  process.exitCode = all.length === 0 ? 0 : 1;
  expectExit();
}

if (options.help) process.stdout.write(usage);
else await main();
