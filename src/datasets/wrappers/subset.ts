import { inspect } from 'node:util';
import { DataError, ParameterError } from '../../core/errors.ts';
import type { Dataset } from '../dataset.ts';
import { chosenOf } from '../view.ts';

/**
 * The samples with these indices or keys alone, in the dataset's order, whatever the list's is. Classes and their numbers stay as they
 * are, those without a sample too. Its digest is that of a folder of only these files under the same class numbers.
 *
 * @param chosen indices or keys, each once, all of which the dataset has
 */
export function subset(dataset: Dataset, chosen: Iterable<number> | Iterable<string>): Dataset {
  // a string is iterable too, letter by letter
  if (typeof chosen === 'string' || typeof Object(chosen)[Symbol.iterator] !== 'function')
    throw new ParameterError('INVALID_OPTION', `subset: expected a list of indices or keys, got ${chosen}`);
  const list: readonly (number | string)[] = [...chosen];
  if (list.length === 0)
    throw new DataError('NOTHING_LEFT', `${dataset.name}: subset: the list of samples is empty`);
  const marks = new Uint8Array(dataset.length);
  if (list.every((one) => typeof one === 'string')) markKeys(dataset, list, marks);
  else markIndices(dataset, list, marks);
  const name = `subset(${dataset.name}, ${list.length})`;
  return chosenOf(dataset, { name }, marks, (mark) => mark === 1);
}

function markIndices({ name, length }: Dataset, indices: readonly (number | string)[], marks: Uint8Array) {
  for (const index of indices) {
    if (!(Number.isInteger(index) && Number(index) >= 0 && Number(index) < length)) {
      const expected = `all keys, or all indices 0..${length - 1}`;
      throw new ParameterError('INVALID_INDEX', `${name}: subset: samples must be ${expected}, got ${index}`);
    }
    if (marks[index as number] === 1) throw twice(name, `index ${index}`);
    marks[index as number] = 1;
  }
}

function markKeys(dataset: Dataset, keys: readonly string[], marks: Uint8Array): void {
  const { name } = dataset;
  const unknown = new Set(keys);
  if (unknown.size < keys.length)
    throw twice(
      name,
      keys.find((key) => !unknown.delete(key)),
    );
  for (let index = 0; index < dataset.length && unknown.size > 0; index++)
    if (unknown.delete(dataset.key(index))) marks[index] = 1;
  if (unknown.size === 0) return;
  const some = [...unknown].slice(0, 3).map(quoted).join(', ');
  const more = unknown.size > 3 ? ` and ${unknown.size - 3} more` : '';
  const example = `keys look like ${quoted(dataset.key(0))}`;
  throw new DataError('UNKNOWN_KEY', `${name}: subset: no sample has the key ${some}${more} (${example})`);
}

/** So that a space at an end is seen. */
const quoted = (key: string): string => inspect(key, { breakLength: Infinity });

const twice = (name: string, what: string | undefined): ParameterError =>
  new ParameterError('DUPLICATE_KEY', `${name}: subset: ${what} is listed twice`);
