import { MillraceError, reworded } from '../core/errors.ts';

/**
 * Does what an option names a file for. What goes wrong names both.
 *
 * @param option as people write it: `subset (--subset)`
 */
export function namingFile<Value>(option: string, path: string, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const { message } = error;
    throw reworded(error, `${option}: ${message.startsWith(`${path}: `) ? '' : `${path}: `}${message}`);
  }
}
