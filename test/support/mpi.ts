import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { type Finished, main, type ProcessOptions, runCommand, signal } from './processes.ts';

/** An MPI of this machine. */
export interface Mpi {
  readonly name: string;
  /** Undefined where the machine has none, and tests are not to be skipped. */
  readonly launcher: string | undefined;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly advice: string;
}

const isRequired = process.env['MILLRACE_REQUIRE_MPI'] === '1';

const openMpi: Mpi = {
  name: 'Open MPI',
  launcher: ['mpirun', 'mpirun.openmpi'].find(isOpenMpi),
  // not each rank on one core, which it would share with other tests
  flags: ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none'],
  env: {},
  advice: 'install openmpi-bin, or have its mpirun in PATH',
};

const mpich: Mpi = {
  name: 'MPICH',
  ...mpichIn(process.env['MILLRACE_MPICH']),
  flags: [],
  advice: 'install mpich 5 by pip into a virtual environment, and name its folder by MILLRACE_MPICH',
};

/** The MPIs that millrace is tested on. */
export const mpis = { openMpi, mpich } as const;

/** Tests on each MPI: skipped where the machine lacks it, unless MILLRACE_REQUIRE_MPI=1 makes them fail. */
export function describeOnEachMpi(title: string, tests: (mpi: Mpi) => void): void {
  for (const mpi of Object.values(mpis)) describeOn(mpi, `${title}, on ${mpi.name}`, () => tests(mpi));
}

/** Tests on this MPI: skipped, or failing, as above. */
export function describeOn(mpi: Mpi, title: string, tests: () => void): void {
  describe.skipIf(mpi.launcher === undefined && !isRequired)(title, tests);
}

function isOpenMpi(command: string): boolean {
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return stdout?.includes('Open MPI') ?? false;
}

function mpichIn(folder: string | undefined): Pick<Mpi, 'launcher' | 'env'> {
  if (folder === undefined) return { launcher: undefined, env: {} };
  const [launcher, library] = [join(folder, 'bin/mpiexec'), join(folder, 'lib/libmpi_abi.so.1')];
  for (const path of [launcher, library])
    if (!existsSync(path)) throw new Error(`MILLRACE_MPICH: ${path} is missing`);
  return { launcher, env: { MILLRACE_MPI: library } };
}

export interface RanksOptions extends Omit<ProcessOptions, 'isBare'> {
  /** Called with the run as soon as it is started. */
  readonly onRun?: (run: RanksRun) => void;
}

/** What a launcher has started. */
export interface RanksRun {
  readonly launcher: number;
  /** Process ids of the ranks that are alive, by rank. */
  ranks(): Map<number, number>;
  /** All processes that are alive, launcher included. */
  processes(): number[];
}

export interface FinishedRanks extends Finished {
  /** Processes that are left two seconds after the launcher's end. */
  readonly left: readonly number[];
}

/** Runs `millrace ...args` on so many ranks to the launcher's end; whatever is left is killed after the test. */
export function millraceOn(
  mpi: Mpi,
  ranks: number,
  args: readonly string[],
  options: RanksOptions = {},
): Promise<FinishedRanks> {
  return nodeOn(mpi, ranks, [main, ...args], options);
}

/** The same of any program for Node. */
export async function nodeOn(
  mpi: Mpi,
  ranks: number,
  args: readonly string[],
  { onRun, ...options }: RanksOptions = {},
): Promise<FinishedRanks> {
  const { launcher, flags, advice } = mpi;
  if (launcher === undefined) throw new Error(`no ${mpi.name}: ${advice}`);
  const mark = randomUUID();
  onTestFinished(() => {
    for (const pid of marked(mark)) signal(pid, 'SIGKILL');
  });
  const finished = await runCommand(launcher, [...flags, '-n', String(ranks), process.execPath, ...args], {
    ...options,
    isBare: true,
    env: { ...bareEnvironment(), ...mpi.env, ...options.env, MILLRACE_TEST_MARK: mark },
    onStart(pid) {
      options.onStart?.(pid);
      onRun?.({ launcher: pid, ranks: () => ranksOf(mark), processes: () => marked(mark) });
    },
  });
  return { ...finished, left: await leftOf(mark) };
}

/** None of another launcher's variables: only what programs, GPU drivers and temporary files need. */
function bareEnvironment(): Record<string, string> {
  const isNeeded = (name: string) => /^(PATH|HOME|TMPDIR|LANG|XDG_|VK_|MESA_)/.test(name);
  const all = Object.entries(process.env) as [string, string][];
  return Object.fromEntries(all.filter(([name]) => isNeeded(name)));
}

async function leftOf(mark: string): Promise<number[]> {
  for (let i = 0; i < 20 && marked(mark).length > 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return marked(mark);
}

/** Processes that have this mark in their environment, wherever their parents went. Linux alone tells. */
function marked(mark: string): number[] {
  return processIds().filter((pid) => environmentOf(pid)['MILLRACE_TEST_MARK'] === mark);
}

function ranksOf(mark: string): Map<number, number> {
  const found = marked(mark)
    // not the helpers that a rank starts
    .filter((pid) => read(pid, 'cmdline').startsWith(process.execPath) && !isChildOfNode(pid))
    .map((pid): [number, number] => {
      const { OMPI_COMM_WORLD_RANK, PMI_RANK } = environmentOf(pid);
      return [Number(OMPI_COMM_WORLD_RANK ?? PMI_RANK), pid];
    });
  return new Map(found);
}

function isChildOfNode(pid: number): boolean {
  const parent = /^PPid:\t(\d+)$/m.exec(read(pid, 'status'))?.[1];
  return read(Number(parent), 'cmdline').startsWith(process.execPath);
}

function environmentOf(pid: number): Record<string, string | undefined> {
  const pairs = read(pid, 'environ').split('\0');
  return Object.fromEntries(pairs.map((pair) => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)]));
}

const processIds = (): number[] =>
  existsSync('/proc') ? readdirSync('/proc').map(Number).filter(Number.isInteger) : [];

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // it has ended, or is another user's
    return '';
  }
}
