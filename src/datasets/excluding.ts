import { DataError, ParameterError } from '../core/errors.ts';
import type { Dataset } from './dataset.ts';
import { viewOf } from './view.ts';

/** A dataset without some of its samples. */
export interface ExcludingDataset extends Dataset {
  /** How many samples are left out. */
  readonly excluded: number;
  /** Keys that were to be left out and that no sample has. */
  readonly unknownKeys: readonly string[];
}

/**
 * The dataset as if the files of the samples with these keys were not there: the others move up, and keep their order,
 * keys and class numbers. Its stream and its digest are those of a folder without the files. A class that would lose its
 * last sample is an error, as a class folder without images is.
 */
export function excluding(dataset: Dataset, keys: Iterable<string>): ExcludingDataset {
  // a string is iterable too, letter by letter
  if (typeof keys === 'string')
    throw new ParameterError('INVALID_OPTION', `excluding: expected a list of keys, such as ['${keys}']`);
  const set = new Set(keys);
  for (const key of set) if (typeof key !== 'string') throw noKey(key);
  const { removed, unknownKeys } = findSamples(dataset, set);
  const { name, length } = dataset;
  const view = viewOf(dataset, {
    name: removed.length === 0 ? name : `excluding(${name}, ${removed.length})`,
    length: length - removed.length,
    original: (index) => originalIndex(removed, index),
  });
  return { ...view, excluded: removed.length, unknownKeys };
}

/** Such as a quarantine record: no sample would have it, and none would be left out. */
function noKey(got: unknown): ParameterError {
  const given = got instanceof Object ? `an object with ${Object.keys(got).join(', ')}` : String(got);
  return new ParameterError('INVALID_OPTION', `excluding: keys must be strings, got ${given}`);
}

/** Indices of the samples with these keys, ascending. Only they are held: the dataset may have millions of others. */
function findSamples(dataset: Dataset, keys: ReadonlySet<string>) {
  const removed: number[] = [];
  const unknown = new Set(keys);
  const [labelsRemoved, labelsLeft] = [new Set<number>(), new Set<number>()];
  for (let index = 0; index < dataset.length; index++) {
    const key = dataset.key(index);
    const isRemoved = keys.has(key);
    const labels = isRemoved ? labelsRemoved : labelsLeft;
    for (const label of dataset.labels?.(index) ?? [dataset.label(index)]) labels.add(label);
    if (!isRemoved) continue;
    removed.push(index);
    unknown.delete(key);
  }
  checkClassesLeft(dataset, labelsRemoved, labelsLeft);
  return { removed, unknownKeys: [...unknown] };
}

function checkClassesLeft(
  { name, classes }: Dataset,
  removed: ReadonlySet<number>,
  left: ReadonlySet<number>,
): void {
  if (removed.size > 0 && left.size === 0)
    throw new DataError('NOTHING_LEFT', `${name}: all of its samples are to be left out`);
  const emptied = [...removed].filter((label) => !left.has(label)).map((label) => classes[label] ?? label);
  if (emptied.length === 0) return;
  const which = emptied.length === 1 ? 'class' : 'classes';
  const reason = `all samples of the ${which} ${emptied.join(', ')} are to be left out`;
  throw new DataError('EMPTY_CLASS', `${name}: ${reason}; a model cannot learn what it never sees`);
}

/** Index in the dataset of what is left's `index`-th sample: as many more as samples before it are removed. */
function originalIndex(removed: readonly number[], index: number): number {
  let [low, high] = [0, removed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((removed[middle] as number) - middle <= index) low = middle + 1;
    else high = middle;
  }
  return index + low;
}
