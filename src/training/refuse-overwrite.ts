import { existsSync, realpathSync } from 'node:fs';
import { ParameterError } from '../core/errors.ts';

/** Refuses to write what is made of a checkpoint over it. `of` is the function whose option `out` it is. */
export function refuseOverwrite(of: string, checkpoint: string, out: string): void {
  if (!existsSync(checkpoint) || !existsSync(out) || realpathSync(checkpoint) !== realpathSync(out)) return;
  throw new ParameterError('INVALID_OPTION', `${of}: out ${out} is the checkpoint: give it another name`);
}
