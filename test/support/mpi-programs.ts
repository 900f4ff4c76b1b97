import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { type Finished, runCommand, scriptArguments } from './processes.ts';

/** An installation of MPI, with its launcher and what names its library. */
export interface Mpi {
  readonly name: string;
  /** What its library calls itself, without the version. */
  readonly library: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly isInstalled: boolean;
}

const mpichFolder = process.env['MILLRACE_MPICH'] ?? '';
const mpichLibrary = join(mpichFolder, 'lib', 'libmpi_abi.so.1');

const openMpi: Mpi = {
  name: 'Open MPI',
  library: 'Open MPI',
  command: 'mpirun',
  args: ['--allow-run-as-root', '--oversubscribe'],
  env: {},
  isInstalled: `${spawnSync('mpirun', ['--version']).stdout}`.includes('Open MPI'),
};

const mpich: Mpi = {
  name: 'MPICH with the ABI of MPI 5',
  library: 'MPICH',
  command: join(mpichFolder, 'bin', 'mpiexec'),
  args: [],
  env: { MILLRACE_MPI: mpichLibrary },
  isInstalled: mpichFolder !== '' && existsSync(mpichLibrary),
};

const isRequired = process.env['MILLRACE_REQUIRE_MPI'] === '1';

/** Tests with each MPI; one that is missing is reported as skipped, unless MILLRACE_REQUIRE_MPI=1 makes them fail. */
export function describeOnEachMpi(name: string, tests: (mpi: Mpi) => void): void {
  for (const mpi of [openMpi, mpich])
    describe.skipIf(!mpi.isInstalled && !isRequired)(`${name}, ${mpi.name}`, () => tests(mpi));
}

/** Runs the text of a module on so many ranks; in it `openRanks` is ours, and `TreeSum`. */
export function onRanks(
  mpi: Mpi,
  count: number,
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  // Open MPI gives each rank a terminal, for which Node would colour what it prints
  const plain = { NO_COLOR: '1', ...mpi.env, ...env };
  const args = [...mpi.args, '-n', String(count), process.execPath, ...programArguments(text)];
  return runCommand(mpi.command, args, { env: plain, stdin: '' });
}

export const programArguments = (text: string): string[] =>
  scriptArguments(
    { opening: 'src/ranks/open-ranks.js', adding: 'src/ranks/tree-sum.js' },
    `const { openRanks } = opening; const { TreeSum } = adding;\n${text}`,
  );

/** What the ranks print comes in any order. */
export const linesOf = ({ stdout }: Finished): string[] => stdout.trimEnd().split('\n').sort();
