/** `npm run bench:ranks-training`: images per second of a training on one rank and on two, in turn. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ensureImageSet, imageSets } from './images.ts';
import { describeMachine, interleave, markdownTable, summarize } from './measure.ts';
import {
  PARTS,
  type RanksContestant,
  type RanksFigures,
  type RanksWork,
  WARM_UP,
} from './ranks-training/work.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:ranks-training -- [options]

  --models <names>   of nano, b0 (default both)
  --rounds <n>       turns of each contestant (default 5)
  --steps <n>        measured steps a turn (default 8)
  --launcher <words> starts ranks, before -n (default: mpirun --allow-run-as-root --oversubscribe)
  --help
`;

const { values: options } = parseArgs({
  options: {
    models: text('nano,b0'),
    rounds: text('5'),
    steps: text('8'),
    launcher: text('mpirun --allow-run-as-root --oversubscribe'),
    help: { type: 'boolean', default: false },
  },
});

const works: Readonly<Record<string, Omit<RanksWork, 'data' | 'steps'>>> = {
  nano: { variant: 'nano', resolution: 128, rows: 32 },
  b0: { variant: 'b0', resolution: 128, rows: 16 },
};
const contestants: readonly RanksContestant[] = [
  { ranks: 1, threads: 1 },
  { ranks: 1, threads: 2 },
  { ranks: 2, threads: 1 },
];
/** Small ones: what is measured is training, and one rank has a whole core to decode for its one thread. */
const images = { ...imageSets.small, count: 2048 };
const module = fileURLToPath(new URL('./ranks-training/rank.js', import.meta.url));

async function run(work: RanksWork, { ranks, threads }: RanksContestant): Promise<RanksFigures> {
  const [launcher = '', ...flags] = options.launcher.split(' ');
  const node = [process.execPath, module, JSON.stringify({ ...work, threads })] as const;
  const [command, ...args] = ranks === 1 ? node : [launcher, ...flags, '-n', String(ranks), ...node];
  const { stdout } = await promisify(execFile)(command, args);
  return JSON.parse(stdout) as RanksFigures;
}

async function compare(work: RanksWork): Promise<string> {
  const turns = await interleave(contestants, Number(options.rounds), (one) => run(work, one));
  const losses = new Set([...turns.values()].flat().map(({ loss }) => loss));
  if (losses.size > 1) throw new Error(`the contestants' last losses differ: ${[...losses].join(', ')}`);
  const speeds = [...turns].map(([contestant, figures]) => ({
    name: nameOf(contestant),
    speed: summarize(figures.map(({ imagesPerSecond }) => imagesPerSecond)),
    processor: summarize(figures.map(({ processorMs }) => processorMs)),
  }));
  const [first] = speeds;
  const rows = speeds.map(({ name, speed: { median, min, max }, processor }) => {
    const ratio = median / (first?.speed.median ?? Number.NaN);
    const range = `${min.toFixed(1)} to ${max.toFixed(1)}`;
    return [name, median.toFixed(1), range, `${ratio.toFixed(2)}x`, processor.median.toFixed(1)];
  });
  const header = ['', 'images/s', 'least to most', 'of the first', 'processor ms an image'];
  return markdownTable(header, rows);
}

function nameOf({ ranks, threads }: RanksContestant): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return ranks === 1
    ? `1 rank, ${count(threads, 'thread')}`
    : `${ranks} ranks, ${count(threads, 'thread')} each`;
}

async function main(): Promise<void> {
  const names = options.models.split(',');
  const chosen = names.map((name) => works[name]).filter((work) => work !== undefined);
  if (chosen.length < names.length) throw new Error(`--models: of ${Object.keys(works).join(', ')}`);
  const data = await ensureImageSet(images);
  const steps = Number(options.steps);
  process.stdout.write(
    `${describeMachine()}\nmedian of ${options.rounds} turns of ${steps} steps after ${WARM_UP}, contestants in turn\n`,
  );
  for (const work of chosen) {
    const { variant, resolution, rows } = work;
    process.stdout.write(
      `\n${variant}, ${resolution}x${resolution}, ${PARTS} parts of ${rows} rows, PNGs of ${images.width}x${images.height}\n\n`,
    );
    process.stdout.write(await compare({ ...work, data, steps }));
  }
}

if (options.help) process.stdout.write(usage);
else await main();
