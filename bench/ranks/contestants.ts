import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What two processes measured of their exchanges. */
export interface Exchanges {
  readonly name: string;
  readonly milliseconds: readonly number[];
  /** Of a timer that should fire every millisecond; undefined where there is no event loop. */
  readonly longestGapMs?: number;
  readonly isRight: boolean;
}

/** A way to start two processes that add up a vector; `alone` starts one, which has nothing to exchange. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const program = fileURLToPath(new URL('exchange-process.js', import.meta.url));

export const alone: Contestant = { name: 'one process', command: process.execPath, args: [program] };

/** Those that are installed. */
export function contestants(mpich: string, python: string): Contestant[] {
  const two = ['-n', '2', process.execPath, program];
  const all: Contestant[] = [
    { name: 'Open MPI', command: 'mpirun', args: ['--allow-run-as-root', '--oversubscribe', ...two] },
    {
      name: 'MPICH',
      command: join(mpich, 'bin', 'mpiexec'),
      args: two,
      environment: { MILLRACE_MPI: join(mpich, 'lib', 'libmpi_abi.so.1') },
    },
    { name: 'gloo', command: python, args: [join('bench', 'peers', 'gloo_exchange.py')] },
  ];
  return all.filter(({ command }) => spawnSync(command, ['--version']).status === 0);
}

export interface Started {
  /** Milliseconds from the start of the command to the first line, and to its end. */
  readonly openMs: number;
  readonly endMs: number;
  readonly lines: readonly string[];
}

export async function start(
  { command, args, environment }: Contestant,
  flags: readonly string[],
): Promise<Started> {
  const begin = performance.now();
  const env = { ...process.env, NO_COLOR: '1', ...environment };
  const child = spawn(command, [...args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines: string[] = [];
  let openMs = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (lines.push(line) === 1) openMs = performance.now() - begin;
  }
  const code = await ended;
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return { openMs, endMs: performance.now() - begin, lines };
}

export async function exchange(contestant: Contestant, floats: number, runs: number): Promise<Exchanges> {
  const { lines } = await start(contestant, ['--floats', String(floats), '--runs', String(runs)]);
  return JSON.parse(lines.at(-1) as string) as Exchanges;
}
