import { basename, resolve } from 'node:path';
import { DataError } from '../../core/errors.ts';

export const splits = ['train', 'val', 'test'] as const;
export type Split = (typeof splits)[number];

/** What people call them, in lower case. */
const names: Readonly<Record<Split, readonly string[]>> = {
  train: ['train', 'training'],
  val: ['val', 'valid', 'validation'],
  test: ['test', 'testing'],
};

/** The split that a name is, in any case: `Validation`. */
export function splitCalled(name: string): Split | undefined {
  return splits.find((split) => names[split].includes(name.toLowerCase()));
}

/** The split that the first fitting word of a file's name says: `imagenet-train-0001.tar`, `val2017.tar`. */
export function splitIn(fileName: string): Split | undefined {
  const words = fileName.split(/[^a-z]+/i);
  return words.map(splitCalled).find((split) => split !== undefined);
}

/** The split that a folder or file is named after: `photos/val`, `Training.lmdb`, `val.tar`. */
export function splitNamed(path: string): { readonly split?: Split } {
  const [name = ''] = basename(resolve(path)).split('.');
  const split = splitCalled(name);
  return split === undefined ? {} : { split };
}

/** Where a path holds which splits: names of folders or files in it, several where several are called so. */
export type Division = Readonly<Record<Split, readonly string[]>>;

/** Sorts names by the split that they are of. */
export function divide(entries: readonly string[], splitOf: (name: string) => Split | undefined): Division {
  const of = (split: Split) => entries.filter((name) => splitOf(name) === split);
  return { train: of('train'), val: of('val'), test: of('test') };
}

/** The splits that a path holds. */
export const splitsIn = (division: Division): Split[] => splits.filter((split) => division[split].length > 0);

/** The one folder or file of a split. Two are an error: nothing says which is meant. */
export function onlyOne(path: string, division: Division, split: Split): string | undefined {
  const [first, second] = division[split];
  if (first === undefined || second === undefined) return first;
  const reason = `has two ${split} splits: ${first} and ${second}; name one of them itself`;
  throw new DataError('TWO_SPLITS', `${path}: ${reason}`);
}

/** `train-000.tar and 9 more`. */
export const placesInWords = ([first = '', ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`;

/** Says which split a path lacks, and which it has. */
export function noSplit(path: string, split: Split, division: Division, expected: string): DataError {
  const found = splitsIn(division).map((one) => `${one}: ${placesInWords(division[one])}`);
  const there = found.length === 0 ? '' : `; there is ${found.join('; ')}`;
  return new DataError('NO_SPLIT', `${path}: has no ${split} ${expected}${there}`);
}
