import { type FinishedRanks, type Mpi, nodeOn } from './mpi.ts';
import { scriptArguments } from './processes.ts';

/** Runs the text of a module on so many ranks; in it `openRanks` and `TreeSum` are ours. */
export function onRanks(
  mpi: Mpi,
  count: number,
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<FinishedRanks> {
  // Open MPI gives each rank a terminal, for which Node would colour what it prints
  return nodeOn(mpi, count, programArguments(text), { env: { NO_COLOR: '1', ...env }, stdin: '' });
}

export const programArguments = (text: string): string[] =>
  scriptArguments(
    { opening: 'src/ranks/open-ranks.js', adding: 'test/support/tree-sum.js' },
    `const { openRanks } = opening; const { TreeSum } = adding;\n${text}`,
  );

/** What the ranks print comes in any order. */
export const linesOf = ({ stdout }: FinishedRanks): string[] => stdout.trimEnd().split('\n').sort();
