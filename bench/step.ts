/** `npm run bench:step`: what a training step takes on the CPU, ours and PyTorch's in turn, and ours by kind of work. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, interleave, markdownTable, type Summary, summarize } from './measure.ts';
import type { StepContestant, StepTime, StepWork } from './step/contestant.ts';
import { openOwnSteps } from './step/own-steps.ts';
import { type Profile, profileSteps } from './step/profile.ts';
import { openTorchSteps } from './step/torch-steps.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:step -- [options]

  --models <names>  of nano, b0 (default both)
  --rounds <n>      turns of each contestant (default 10)
  --steps <n>       steps a turn (default 5)
  --threads <list>  threads of each contestant (default 1,2)
  --python <path>   Python with torch and numpy (default: $MILLRACE_PYTHON, else .venv/bin/python; bench/peers/README.md)
  --help
`;

const { values: options } = parseArgs({
  options: {
    models: text('nano,b0'),
    rounds: text('10'),
    steps: text('5'),
    threads: text('1,2'),
    python: text(process.env['MILLRACE_PYTHON'] ?? join('.venv', 'bin', 'python')),
    help: { type: 'boolean', default: false },
  },
});

const works: Readonly<Record<string, StepWork>> = {
  nano: { variant: 'nano', resolution: 64, rows: 32, classes: 10 },
  b0: { variant: 'b0', resolution: 64, rows: 8, classes: 1000 },
};
const threads = options.threads.split(',').map(Number);
const WARM_UP = 5;

type Times = ReadonlyMap<StepContestant, readonly StepTime[]>;

async function compare(work: StepWork, rounds: number, steps: number): Promise<Times> {
  const contestants = (await Promise.all(threads.map((count) => openContestants(work, count)))).flat();
  try {
    for (const contestant of contestants) await contestant.run(WARM_UP);
    const times = await interleave(contestants, rounds, (contestant) => contestant.run(steps));
    return new Map([...times].map(([contestant, turns]) => [contestant, turns.flat()]));
  } finally {
    for (const contestant of contestants) await contestant.close();
  }
}

async function openContestants(work: StepWork, count: number): Promise<StepContestant[]> {
  const own = await openOwnSteps(work, count);
  const contestants = [own];
  for (const format of ['contiguous', 'channels_last'] as const) {
    const peer = await openTorchSteps(options.python, work, format, count);
    if (peer === undefined) process.stderr.write(`PyTorch, ${format}: not installed\n`);
    else contestants.push(peer);
  }
  const other = contestants.find(({ parameters }) => parameters !== own.parameters);
  if (other === undefined) return contestants;
  throw new Error(`${other.name} has ${other.parameters} parameters, ours ${own.parameters}`);
}

function comparisonTable(times: Times): string {
  const summaries = [...times].map(([{ name, threads: count }, steps]) => ({
    name,
    isOwn: name.startsWith('millrace'),
    count,
    wall: summarize(steps.map(({ milliseconds }) => milliseconds)),
    processor: summarize(steps.map(({ processorMs }) => processorMs)),
  }));
  const rows = summaries.map(({ name, wall, processor, count }) => {
    const own = summaries.find((one) => one.isOwn && one.count === count);
    return [name, ...cellsOf(wall, own?.wall), ...cellsOf(processor, own?.processor)];
  });
  return markdownTable(['', 'ms a step', 'min', 'ours / this', 'processor ms', 'min', 'ours / this'], rows);
}

function cellsOf({ median, min }: Summary, own: Summary | undefined): string[] {
  return [median.toFixed(1), min.toFixed(1), own ? `${(own.median / median).toFixed(2)}x` : ''];
}

function profileTable({ works, calls, total }: Profile): string {
  const sorted = [...works].sort(([, a], [, b]) => b - a);
  const rows = [...sorted, [`all ${calls} calls`, total] as const];
  return markdownTable(
    ['', 'ms', 'share'],
    rows.map(([name, ms]) => [name, ms.toFixed(2), `${((100 * ms) / total).toFixed(1)} %`]),
  );
}

async function main(): Promise<void> {
  const [rounds, steps] = [Number(options.rounds), Number(options.steps)];
  const names = options.models.split(',');
  const chosen = names.map((name) => works[name]).filter((work) => work !== undefined);
  if (chosen.length < names.length) throw new Error(`--models: of ${Object.keys(works).join(', ')}`);
  process.stdout.write(`${describeMachine()}\nmedian of ${rounds} x ${steps} steps, contestants in turn\n`);
  const titles = new Map<StepWork, string>();
  for (const work of chosen) {
    const { variant, resolution, rows, classes } = work;
    titles.set(work, `${variant}, ${resolution}x${resolution}, batch ${rows}, ${classes} classes`);
    process.stdout.write(`\n${titles.get(work)}, forward, backward and SGD\n\n`);
    process.stdout.write(comparisonTable(await compare(work, rounds, steps)));
  }
  for (const work of chosen) {
    const profile = await profileSteps(work, 1, rounds * steps);
    process.stdout.write(`\n${titles.get(work)}, where our step's time goes on one thread (medians)\n\n`);
    process.stdout.write(profileTable(profile));
  }
}

if (options.help) process.stdout.write(usage);
else await main();
