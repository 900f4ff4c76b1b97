import { numberedKey } from '../columns/numbered-keys.ts';
import type { ListedFile } from './file-labels.ts';
import type { RowsOfFiles } from './rows-of-files.ts';

/** The names that the rows have, if they can be keys. */
export function keysOf(
  files: readonly ListedFile[],
  rows: RowsOfFiles,
  classOf: (index: number) => string | undefined,
): (index: number) => string {
  const names = files.map((one) => one.rows.names);
  if (areKeys(names)) {
    return (index) => {
      const { file, row } = rows.at(index);
      return (names[file] as readonly string[])[row] as string;
    };
  }
  return (index) => numberedKey(classOf(index), index, rows.length);
}

function areKeys(names: readonly (readonly string[] | undefined)[]): boolean {
  const seen = new Set<string>();
  let count = 0;
  for (const own of names) {
    if (own === undefined) return false;
    for (const name of own) seen.add(name);
    count += own.length;
    if (seen.size < count) return false;
  }
  return true;
}
