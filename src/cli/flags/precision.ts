import type { Command } from 'commander';
import { ParameterError } from '../../core/errors.ts';
import type { Precision, Trainer } from '../../core/trainer.ts';
import { canCompute, trainersFor } from '../../trainers/open-trainer.ts';

export interface PrecisionFlags {
  readonly amp?: boolean;
  readonly tf32?: boolean;
}

const precisionFlags = { amp: 'mixed', tf32: 'tf32' } as const satisfies Record<string, Precision>;

export function addPrecisionFlags(command: Command): Command {
  return command
    .option('--amp', 'mixed precision, of a trainer that can')
    .option('--tf32', 'factors rounded to TF32, of a trainer that can');
}

/** The precision that the flags ask for; throws where the trainer cannot compute in it. */
export async function choosePrecision(trainer: Trainer, { amp, tf32 }: PrecisionFlags): Promise<Precision> {
  // as in NVIDIA's scripts, where TF32 is what mixed precision leaves in float32
  const flag = amp ? 'amp' : tf32 ? 'tf32' : undefined;
  if (flag === undefined) return 'float32';
  const precision = precisionFlags[flag];
  if (canCompute(trainer, precision)) return precision;
  const capable = await trainersFor(precision);
  const advice = `trainers that can: ${capable.length > 0 ? capable.join(', ') : 'none yet'}`;
  throw new ParameterError(
    'UNSUPPORTED_PRECISION',
    `--${flag}: the trainer ${trainer.name} cannot; ${advice}`,
  );
}
