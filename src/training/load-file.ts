import { MillraceError, reworded } from '../core/errors.ts';
import type { Trainer, TrainerState } from '../core/trainer.ts';

/** Loads the state that a file holds; where it does not suit the model, the error names the file. */
export const loadFile = (path: string, state: TrainerState, trainer: Trainer): Promise<void> =>
  namingFile(path, () => trainer.load(state));

/** What is wrong with a state, not with what takes it. */
const codesOfStates: readonly string[] = ['STATE_MISMATCH', 'NOT_CALIBRATED', 'ACCUMULATOR_BOUND'];

/** Does something with the state that a file holds; where it does not suit the model, the error names the file. */
export async function namingFile<T>(path: string, use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    throw namedFile(path, cause);
  }
}

/** What was thrown, with the file's name where it says that the state does not suit the model. */
export const namedFile = (path: string, cause: unknown): unknown =>
  cause instanceof MillraceError && codesOfStates.includes(cause.code)
    ? reworded(cause, `${path}: ${cause.message}`)
    : cause;
