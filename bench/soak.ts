/** `npm run bench:soak`: a long stream whose memory, descriptors, handles and threads must not become more. */
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { until } from '../backends/threads/waiting.ts';
import {
  autoAugment,
  mixup,
  openDataset,
  type Pipeline,
  pipeline,
  type RunStatistics,
  randomHorizontalFlip,
  randomResizedCrop,
} from '../src/index.ts';
import { ownMemory } from '../src/training/memory-watch.ts';
import { defaultImageSet, ensureImageSet } from './images.ts';
import { describeMachine, markdownTable } from './measure.ts';
import { judge, type SoakSample, showValue, type Trend } from './soak-verdict.ts';
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

const SAMPLES = 200;
const EXIT_TIMEOUT_MS = 3_000;

function makeStream(data: string): Pipeline {
  return pipeline(openDataset(data), {
    batchSize: Number(options['batch-size']),
    ...(options.workers !== undefined && { workers: Number(options.workers) }),
    epochs: Number.POSITIVE_INFINITY,
    dropLast: true,
    seed: 7,
  }).pipe(randomResizedCrop(Number(options.size)), randomHorizontalFlip(), autoAugment(), mixup(0.2));
}

/** Runs the stream to its end; samples at even distances after the warm-up. */
async function soak(stream: Pipeline): Promise<SoakSample[]> {
  const [warmup, count] = [Number(options.warmup), Number(options.images)];
  const samples: SoakSample[] = [];
  let next = warmup;
  for await (const _ of stream) {
    const statistics = stream.statistics as RunStatistics;
    if (statistics.images >= next) {
      samples.push(sampleOf(statistics));
      next += count / SAMPLES;
    }
    if (statistics.images >= warmup + count) break;
  }
  return samples;
}

function sampleOf({ images, memoryBound }: RunStatistics): SoakSample {
  return {
    images,
    resident: process.memoryUsage.rss(),
    own: ownMemory(),
    held: memoryBound.total,
    descriptors: entriesOf('/proc/self/fd'),
    handles: process.getActiveResourcesInfo().length,
    threads: threads(),
  };
}

const entriesOf = (folder: string): number | undefined =>
  existsSync(folder) ? readdirSync(folder).length : undefined;

const threads = (): number | undefined => entriesOf('/proc/self/task');

/**
 * Once the stream has ended, the process has as many threads fewer as the stream had workers. The system lists a thread
 * a little longer than its end is known.
 */
async function leftThreads({ threads: before }: SoakSample, workers: number): Promise<string[]> {
  if (before === undefined) return [];
  const left = () => (threads() as number) - (before - workers);
  const end = performance.now() + EXIT_TIMEOUT_MS;
  await until(() => left() <= 0 || performance.now() > end);
  return left() <= 0 ? [] : [`${left()} of ${workers} threads are left`];
}

const describeTrend = ({ name, unit, first, last }: Trend): string[] => [
  name,
  showValue(unit, first),
  showValue(unit, last),
];

/** Fails the process if something else keeps it alive. */
function expectExit(): void {
  const isAlive = () => {
    process.stderr.write(`failed: the process is alive: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.exit(1);
  };
  setTimeout(isAlive, EXIT_TIMEOUT_MS).unref();
}

async function main(): Promise<void> {
  const data = options.data ?? (await ensureImageSet(defaultImageSet));
  const stream = makeStream(data);
  const start = performance.now();
  const samples = await soak(stream);
  const seconds = (performance.now() - start) / 1000;
  const last = samples.at(-1) as SoakSample;
  const { workers } = stream.statistics as RunStatistics;
  const { trends, failures } = judge(samples, Number(options.margin) * 2 ** 20);
  const all = [...failures, ...(await leftThreads(last, workers))];
  const speed = `${(last.images / seconds).toFixed(0)} images/s`;
  const work = `${last.images} images in ${seconds.toFixed(0)} s (${speed}, ${workers} workers)`;
  process.stdout.write(`${describeMachine()}\n${data}\n${work}, ${samples.length} samples\n\n`);
  process.stdout.write(markdownTable(['median', 'first tenth', 'last tenth'], trends.map(describeTrend)));
  process.stdout.write(all.length === 0 ? '\npassed\n' : `\nfailed: ${all.join('\nfailed: ')}\n`);
  process.exitCode = all.length === 0 ? 0 : 1;
  expectExit();
}

if (options.help) process.stdout.write(usage);
else await main();
