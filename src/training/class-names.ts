import { DataError, reasonOf } from '../core/errors.ts';
import { readText } from '../core/read-text.ts';

/**
 * A name for each output of a model: those that are given, as a list or as a file with one per line, or its own. It may have
 * more outputs than its data had classes: those, and all where there are no names, are numbered.
 */
export function classNames(
  given: readonly string[] | string | undefined,
  own: readonly string[],
  outputs: number,
): readonly string[] {
  if (given === undefined) return Array.from({ length: outputs }, (_, index) => own[index] ?? String(index));
  const names = typeof given === 'string' ? readNames(given) : given;
  if (names.length === outputs) return names;
  const where = typeof given === 'string' ? given : 'classes';
  const message = `${where}: expected ${outputs} names of classes, one per line, got ${names.length}`;
  throw new DataError('OTHER_CLASSES', message);
}

function readNames(path: string): string[] {
  try {
    return readText(path).trimEnd().split(/\r?\n/);
  } catch (cause) {
    throw new DataError('READ_FAILED', `${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
