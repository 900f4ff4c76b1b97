import type { DataError } from '../../core/errors.ts';
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
  /** Whether it is Kaggle's of ImageNet: images without their ending, and boxes after the class. */
  readonly isKaggle: boolean;
}

/**
 * The columns by the first row: it is a header where one of its cells is a usual name of a column of paths, or the one that
 * was given, or where none is named like an image.
 */
export function tableColumns(path: string, row: TableRow, columns: ManifestColumns): TableColumns {
  const { imageMember, labelKey } = columns;
  const first = new FirstRow(path, row, imageMember);
  const { names, hasHeader } = first;
  const count = names.length;
  if (names[0] === 'ImageId' && names[1] === 'PredictionString')
    return { hasHeader, image: 0, label: 1, split: undefined, count, isKaggle: true };
  const image =
    imageMember === undefined && !hasHeader
      ? names.findIndex(isImageName)
      : first.find(imageMember, pathNames);
  if (image === -1) throw first.missing('paths', 'imageMember (--image-member)', imageMember, pathNames);
  const label =
    labelKey === undefined && !hasHeader ? otherColumn(names, image) : first.find(labelKey, labelNames);
  if (label === -1) throw first.missing('classes', 'labelKey (--label-key)', labelKey, labelNames);
  const split = hasHeader ? first.find(undefined, splitNames) : -1;
  return { hasHeader, image, label, split: split === -1 ? undefined : split, count, isKaggle: false };
}

/** A table's first row: a header, or not. */
class FirstRow {
  readonly names: readonly string[];
  readonly hasHeader: boolean;
  readonly #path: string;
  readonly #line: number;
  /** What columns are called: by the header, or by their numbers. */
  readonly #known: readonly string[];

  constructor(path: string, { line, cells }: TableRow, imageMember: string | undefined) {
    this.#path = path;
    this.#line = line;
    this.names = cells.map((cell) => cell.trim());
    const lower = this.names.map((name) => name.toLowerCase());
    const isGiven = imageMember !== undefined && lower.includes(imageMember.toLowerCase());
    const isUsual = lower.some((name) => pathNames.includes(name));
    this.hasHeader = isGiven || isUsual || !this.names.some(isImageName);
    this.#known = this.hasHeader ? lower : lower.map((_, column) => String(column + 1));
  }

  /**
   * The column that is given, or the first that has a usual name; -1 where there is none: also where a column has no name,
   * as the index has that pandas writes first.
   */
  find(given: string | undefined, usual: readonly string[]): number {
    const wanted = given?.toLowerCase() ?? usual.find((name) => this.#known.includes(name));
    if (wanted === undefined) return -1;
    const column = this.#known.indexOf(wanted);
    if (column === this.#known.lastIndexOf(wanted)) return column;
    const reason = `has several columns called ${wanted}: which is meant? Rename the others`;
    throw lineError(this.#path, this.#line, reason);
  }

  missing(what: string, option: string, given: string | undefined, usual: readonly string[]): DataError {
    const ofTwo = 'two columns, one of which is named like an image';
    const expected = given ?? (this.hasHeader ? usual.join(', ') : ofTwo);
    const { length } = this.names;
    const there = this.hasHeader ? namesInWords(this.names) : `${length}, without names: they count from 1`;
    const reason = `has no column of ${what} (${expected}): ${option} says which; the columns are: ${there}`;
    return lineError(this.#path, this.#line, reason);
  }
}

/** The class's, without a header: the other one of two, or MXNet's, whose lists have number, class and path. */
function otherColumn(names: readonly string[], image: number): number {
  if (names.length === 2) return 1 - image;
  const isMxnet =
    names.length === 3 && image === 2 && names.slice(0, 2).every((name) => /^[\d.]+$/.test(name));
  return isMxnet ? 1 : -1;
}
