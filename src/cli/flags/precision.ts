import type { Command } from 'commander';

export interface PrecisionFlags {
  readonly amp?: boolean;
  readonly tf32?: boolean;
}

export function addPrecisionFlags(command: Command): Command {
  return command
    .option('--amp', 'mixed precision, of a trainer that can')
    .option('--tf32', 'factors rounded to TF32, of a trainer that can');
}
