/** `npm run bench:ranks`: what a sum over two processes takes, by our MPI and by PyTorch's gloo, and what starting two costs. */
import { parseArgs } from 'node:util';
import { describeMachine, interleave, markdownTable, summarize } from './measure.ts';
import { alone, type Contestant, contestants, type Exchanges, exchange, start } from './ranks/contestants.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:ranks -- [options]

  --floats <n>     length of the vector (default 5288548: EfficientNet-B0)
  --rounds <n>     turns of each contestant (default 5)
  --runs <n>       sums a turn (default 10)
  --python <path>  Python with torch (default: $MILLRACE_PYTHON, else .venv/bin/python; bench/peers/README.md)
  --mpich <path>   folder of MPICH (default: $MILLRACE_MPICH; .ci/install-mpi installs it)
  --help
`;

const { values: options } = parseArgs({
  options: {
    floats: text('5288548'),
    rounds: text('5'),
    runs: text('10'),
    python: text(process.env['MILLRACE_PYTHON'] ?? '.venv/bin/python'),
    mpich: text(process.env['MILLRACE_MPICH'] ?? ''),
    help: { type: 'boolean', default: false },
  },
});

function exchangeTable(turns: readonly Exchanges[][], floats: number): string {
  const rows = turns.map((all) => {
    const { median, min, max } = summarize(all.flatMap(({ milliseconds }) => milliseconds));
    const gaps = all.flatMap(({ longestGapMs }) => longestGapMs ?? []);
    const cells = [median, min, max].map((value) => value.toFixed(1));
    const rate = (4 * floats) / median / 1e6;
    const gap = gaps.length > 0 ? Math.max(...gaps).toFixed(1) : '';
    return [
      all[0]?.name ?? '',
      ...cells,
      rate.toFixed(2),
      gap,
      all.every(({ isRight }) => isRight) ? 'yes' : 'NO',
    ];
  });
  return markdownTable(['', 'ms', 'min', 'max', 'GB/s', 'longest gap, ms', 'right'], rows);
}

async function startTable(all: readonly Contestant[], rounds: number): Promise<string> {
  const started = await interleave([alone, ...all], rounds, (contestant) => start(contestant, []));
  const rows = [...started].map(([{ name }, turns]) => {
    const [open, end] = [turns.map(({ openMs }) => openMs), turns.map(({ endMs }) => endMs)].map(summarize);
    return [name, ...[open, end].map((summary) => (summary?.median ?? Number.NaN).toFixed(0))];
  });
  return markdownTable(['', 'ms until open', 'ms until ended'], rows);
}

async function main(): Promise<void> {
  const [floats, rounds, runs] = [Number(options.floats), Number(options.rounds), Number(options.runs)];
  const all = contestants(options.mpich, options.python);
  process.stdout.write(
    `${describeMachine()}\nsum of ${floats} floats over 2 processes, median of ${rounds} x ${runs}\n\n`,
  );
  const turns = await interleave(all, rounds, (contestant) => exchange(contestant, floats, runs));
  process.stdout.write(exchangeTable([...turns.values()], floats));
  process.stdout.write(`\nstart of two ranks, median of ${rounds}\n\n`);
  const ours = all.filter(({ name }) => name !== 'gloo');
  process.stdout.write(await startTable(ours, rounds));
}

if (options.help) process.stdout.write(usage);
else await main();
