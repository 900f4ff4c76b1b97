import type { Command } from 'commander';
import { atLeast, integerOption, numberOption } from '../command.ts';

/** Flags of a training on many ranks, the processes that mpirun starts. */
export interface RankFlags {
  /** Parts that a step is the sum of; undefined: as many as there are ranks. */
  readonly parts?: number;
  readonly rankTimeout?: number;
}

export const addRankFlags = (command: Command): Command =>
  command
    .optionsGroup('Ranks:')
    .addOption(
      integerOption(
        '--parts <n>',
        'parts that each step is the sum of, with --batch-size rows each; a power of two (default: the number of ranks)',
        undefined,
        atLeast(1),
      ),
    )
    .addOption(
      numberOption(
        '--rank-timeout <seconds>',
        'how long a rank waits for the others before it gives them up (default: 600)',
        undefined,
        atLeast(0.001),
      ),
    );
