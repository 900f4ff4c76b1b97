/** `npm run bench:knee`: images/s against the number of workers, and against the batch size. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { BenchResult } from '../src/cli/commands/bench.ts';
import { defaultImageSet, ensureImageSet } from './images.ts';
import { describeMachine, interleave, kneeOf, markdownTable, summarize } from './measure.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:knee -- [data] [options]

  data                  what millrace bench takes (default: the images of npm run bench)
  --rounds <n>          times that each setting is measured (default 3)
  --seconds <n>         of measuring a time, after a warm-up (default 3)
  --augmentation <name> autoaugment or none (default autoaugment)
  --help
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: text('3'),
    seconds: text('3'),
    augmentation: text('autoaugment'),
    help: { type: 'boolean', default: false },
  },
});

const cores = availableParallelism();
const BATCH_SIZES = [16, 32, 64, 128, 256, 512];
/** A setting that falls behind the best by no more than this share of its images/s is as good. */
const TOLERANCE = 0.05;

interface Setting {
  readonly workers: number;
  readonly batchSize: number;
}

/** Runs `millrace bench` as a process of its own, so that no setting inherits another's memory or compiled code. */
async function measure(data: string, { workers, batchSize }: Setting): Promise<BenchResult> {
  const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
  const flags = Object.entries({
    workers,
    'batch-size': batchSize,
    seconds: options.seconds,
    augmentation: options.augmentation,
  }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(process.execPath, [
    main,
    'bench',
    data,
    ...flags,
    '--json',
    '--quiet',
  ]);
  return JSON.parse(stdout) as BenchResult;
}

/** Measures all settings in turn, and says which is the smallest near the best. */
async function sweep(
  data: string,
  title: string,
  settings: readonly Setting[],
  label: (setting: Setting) => number,
): Promise<string> {
  const results = await interleave(settings, Number(options.rounds), async (setting, round) => {
    const result = await measure(data, setting);
    const speed = `${result.imagesPerSecond.toFixed(0)} images/s`;
    process.stderr.write(`round ${round + 1}: ${label(setting)} ${title}: ${speed}\n`);
    return result;
  });
  const points = settings.map((setting) => {
    const runs = results.get(setting) ?? [];
    const speed = summarize(runs.map((run) => run.imagesPerSecond));
    const busy = summarize(runs.map((run) => run.bottleneck.threadsBusy));
    return { setting: label(setting), ...speed, busy: busy.median };
  });
  const best = Math.max(...points.map((point) => point.median));
  const rows = points.map(({ setting, median, min, max, busy }) => [
    String(setting),
    median.toFixed(0),
    `${min.toFixed(0)}..${max.toFixed(0)}`,
    `${((median / best) * 100).toFixed(0)} %`,
    `${(busy * 100).toFixed(0)} %`,
  ]);
  const table = markdownTable([title, 'images/s', 'min..max', 'of the best', 'threads busy'], rows);
  return `${table}\nThe knee: ${kneeOf(points, TOLERANCE)} ${title}, the fewest within ${TOLERANCE * 100} % of the best.\n\n`;
}

async function main(): Promise<void> {
  const data = positionals[0] ?? (await ensureImageSet(defaultImageSet));
  const { rounds, seconds, augmentation } = options;
  const work = `${data}, --augmentation ${augmentation}`;
  const figures = `median of ${rounds} rounds x ${seconds} s, settings in turn, a process each`;
  process.stdout.write(`${describeMachine()}\n${work}\n${figures}\n\n`);
  const workers = Array.from({ length: cores + 1 }, (_, i) => ({ workers: i + 1, batchSize: 64 }));
  process.stdout.write(await sweep(data, 'workers', workers, (setting) => setting.workers));
  const batches = BATCH_SIZES.map((batchSize) => ({ workers: cores, batchSize }));
  process.stdout.write(await sweep(data, 'rows a batch', batches, (setting) => setting.batchSize));
}

if (options.help) process.stdout.write(usage);
else await main();
