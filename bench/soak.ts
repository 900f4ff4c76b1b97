/** `npm run bench:soak`: long work whose memory, descriptors, handles and threads must not become more. */
import { parseArgs } from 'node:util';
import { describeMachine, markdownTable } from './measure.ts';
import { expectExit, leftThreads, type SoakRun } from './soak-sample.ts';
import { soakStream } from './soak-stream.ts';
import { soakTraining } from './soak-training.ts';
import { judge, showValue, type Trend } from './soak-verdict.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:soak -- [options]

  --size <pixels>    edge of the crops (default 224; of a training 32)
  --batch-size <n>   (default 64; of a training 8)
  --workers <n>      data workers (default: one per core; of a training 1)
  --margin <MiB>     growth of memory that is no failure (default 16)
  --help

A stream:
  --images <n>       images of the stream, after the warm-up (default 200000)
  --warmup <n>       images before the first sample (default 60000: V8's heaps take as many to find their sizes)
  --data <path>      folder, shards or store (default: the images of npm run bench)

A training of an efficientnet-nano on the CPU; samples its second half:
  --train
  --steps <n>        (default 20000)
  --evaluations <n>  spread evenly over the steps, each with a checkpoint (default 1000)
`;

const { values: options } = parseArgs({
  options: {
    size: { type: 'string' },
    'batch-size': { type: 'string' },
    workers: { type: 'string' },
    margin: text('16'),
    images: text('200000'),
    warmup: text('60000'),
    data: { type: 'string' },
    train: { type: 'boolean', default: false },
    steps: text('20000'),
    evaluations: text('1000'),
    help: { type: 'boolean', default: false },
  },
});

function soak(): Promise<SoakRun> {
  const { size, 'batch-size': batchSize, workers } = options;
  if (options.train)
    return soakTraining({
      ...{ steps: Number(options.steps), evaluations: Number(options.evaluations) },
      ...{ size: Number(size ?? 32), batchSize: Number(batchSize ?? 8), workers: Number(workers ?? 1) },
    });
  return soakStream({
    ...{ data: options.data, warmup: Number(options.warmup), images: Number(options.images) },
    ...{ size: Number(size ?? 224), batchSize: Number(batchSize ?? 64) },
    workers: workers === undefined ? undefined : Number(workers),
  });
}

const describeTrend = ({ name, unit, first, last }: Trend): string[] => [
  name,
  showValue(unit, first),
  showValue(unit, last),
];

async function main(): Promise<void> {
  const run = await soak();
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
