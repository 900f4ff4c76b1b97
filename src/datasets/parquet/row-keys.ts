import { equalTexts } from '../columns/equal-texts.ts';
import { numberedKey } from '../columns/numbered-keys.ts';
import type { ListedFile } from './file-labels.ts';
import type { RowsOfFiles } from './rows-of-files.ts';

/** The names that the rows have, if they can be keys: each has one that no other has. */
export function keysOf(
  files: readonly ListedFile[],
  rows: RowsOfFiles,
  classOf: (index: number) => string | undefined,
): (index: number) => string {
  const nameAt = (index: number): string => {
    const { file, row } = rows.at(index);
    return (files[file] as ListedFile).rows.names?.at(row) as string;
  };
  const areNamed = files.every((one) => one.rows.names !== undefined);
  if (areNamed && equalTexts(rows.length, nameAt) === undefined) return nameAt;
  return (index) => numberedKey(classOf(index), index, rows.length);
}
