import { isImageName } from '../folder/image-names.ts';
import {
  labelNames,
  lineError,
  type ManifestColumns,
  namesInWords,
  pathNames,
  splitNames,
} from './manifest-row.ts';
import type { TableRow } from './table-rows.ts';

/** Which columns of a table are which, from 0. */
export interface TableColumns {
  /** Whether the first row names the columns. */
  readonly hasHeader: boolean;
  readonly image: number;
  readonly label: number;
  readonly split: number | undefined;
  /** How many there are. */
  readonly count: number;
}

/**
 * The columns by the first row: it is a header where one of its cells is a usual name of a column of paths, or the one that
 * was given, or where none is named like an image.
 */
export function tableColumns(
  path: string,
  { line, cells }: TableRow,
  columns: ManifestColumns,
): TableColumns {
  const names = cells.map((cell) => cell.trim());
  const lower = names.map((name) => name.toLowerCase());
  const { imageMember, labelKey } = columns;
  const isHeader =
    (imageMember !== undefined && names.includes(imageMember)) ||
    lower.some((name) => pathNames.includes(name)) ||
    !names.some(isImageName);
  const known = isHeader ? lower : numbersOf(names);
  const find = (given: string | undefined, usual: readonly string[]): number => {
    if (given !== undefined)
      return isHeader && names.includes(given) ? names.indexOf(given) : known.indexOf(given.toLowerCase());
    return known.indexOf(usual.find((name) => known.includes(name)) ?? '');
  };
  const missing = (what: string, option: string, usual: readonly string[], given: string | undefined) => {
    const expected =
      given ?? (isHeader ? usual.join(', ') : 'two columns, one of which is named like an image');
    const there = isHeader ? namesInWords(names) : `${names.length}, without names: they count from 1`;
    return lineError(
      path,
      line,
      `has no column of ${what} (${expected}): ${option} says which; the columns are: ${there}`,
    );
  };
  const image =
    imageMember === undefined && !isHeader ? names.findIndex(isImageName) : find(imageMember, pathNames);
  if (image === -1) throw missing('paths', 'imageMember (--image-member)', pathNames, imageMember);
  const label = labelKey === undefined && !isHeader ? otherColumn(names, image) : find(labelKey, labelNames);
  if (label === -1) throw missing('classes', 'labelKey (--label-key)', labelNames, labelKey);
  const split = isHeader ? find(undefined, splitNames) : -1;
  return { hasHeader: isHeader, image, label, split: split === -1 ? undefined : split, count: names.length };
}

const numbersOf = (names: readonly string[]): string[] => names.map((_, column) => String(column + 1));

/** The class's, without a header: the other one of two, or MXNet's, whose lists have number, class and path. */
function otherColumn(names: readonly string[], image: number): number {
  if (names.length === 2) return 1 - image;
  const isMxnet =
    names.length === 3 && image === 2 && names.slice(0, 2).every((name) => /^[\d.]+$/.test(name));
  return isMxnet ? 1 : -1;
}
