import { TrainerError } from '../core/errors.ts';
import type { Trainer, TrainerState } from '../core/trainer.ts';

/** Loads the state that a file holds; where it is that of another model, the error names the file. */
export const loadFile = (path: string, state: TrainerState, trainer: Trainer): Promise<void> =>
  namingFile(path, () => trainer.load(state));

/** Does something with the state that a file holds; where it is that of another model, the error names the file. */
export async function namingFile<T>(path: string, use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    if (!(cause instanceof TrainerError) || cause.code !== 'STATE_MISMATCH') throw cause;
    throw new TrainerError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
