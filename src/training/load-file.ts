import { TrainerError } from '../core/errors.ts';
import type { Trainer, TrainerState } from '../core/trainer.ts';

/** Loads the state that a file holds; where it is that of another model, the error names the file. */
export async function loadFile(path: string, state: TrainerState, trainer: Trainer): Promise<void> {
  try {
    await trainer.load(state);
  } catch (cause) {
    if (!(cause instanceof TrainerError) || cause.code !== 'STATE_MISMATCH') throw cause;
    throw new TrainerError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
