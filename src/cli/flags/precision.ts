import type { Command } from 'commander';

export interface PrecisionFlags {
  readonly amp?: boolean;
  readonly tf32?: boolean;
}

export function addPrecisionFlags(command: Command): Command {
  return command
    .option('--amp', 'train in mixed precision, if the trainer can')
    .option('--tf32', 'round factors to TF32, if the trainer can');
}
