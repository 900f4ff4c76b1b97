import { join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { type Split, splitNamed } from '../split.ts';
import { expandBraces } from '../tar/brace-list.ts';
import { shardsOfSplit } from '../tar/shard-splits.ts';
import { isShardList } from '../tar/web-dataset.ts';
import type { ColumnOptions } from './columns.ts';
import { classesOf, type ListedFile } from './file-labels.ts';
import { rowsOf } from './kept-index.ts';
import type { ParquetLocator, ParquetReaderOptions } from './parquet-reader.ts';

export interface ParquetOptions extends ColumnOptions {
  /** For files whose names say their split (`train-00000-of-00002.parquet`): which are taken. Default: 'train'; all of a list. */
  readonly split?: Split;
  /** Names of the classes 0, 1, 2, ... Default: the file's own; the texts, sorted; or their numbers, up to the highest. */
  readonly classes?: readonly string[];
}

/**
 * Images in Parquet files as the Hugging Face hub has them: a column of `{ bytes, path }`, and one of classes, by number or
 * by name. `source` is a .parquet file, a folder of them (taken in sorted order), either with lists in braces, or a list of
 * these. Keys are the images' paths where all rows have one, and each another one; else `<class>/<number>`. A file is read
 * once, to list its rows; what was found is kept beside it, or in the user's cache folder. A row whose image is null is a
 * bad sample; a class that is null is -1.
 */
export function parquet(source: string | readonly string[], options: ParquetOptions = {}): Dataset {
  const { name, paths, split } = chosenFiles(source, options.split);
  const files = paths
    .map((path) => ({ path, rows: rowsOf(path, options) }))
    .filter(({ rows }) => rows.length > 0);
  if (files.length === 0) throw new DataError('NO_ROWS', `${name}: has no .parquet files with rows`);
  const { classes, numbers } = classesOf(files, options.classes);
  const rows = new RowsOfFiles(files);
  const label = (index: number): number => {
    const { file, row } = rows.at(index);
    const own = (files[file] as ListedFile).rows.label[row] as number;
    return own === -1 ? -1 : (numbers[file]?.[own] ?? own);
  };
  return defineDataset({
    name,
    ...(split !== undefined && { split }),
    length: rows.length,
    classes,
    key: keysOf(files, rows, (index) => classes[label(index)] ?? 'no-class'),
    label,
    locator: (index) => locatorOf(files, rows.at(index)),
    place: (index) => {
      const { file, row } = rows.at(index);
      return { path: (files[file] as ListedFile).path, record: row };
    },
    byteLength: async (index) => {
      const { file, row } = rows.at(index);
      return (files[file] as ListedFile).rows.bytes[row] as number;
    },
    reader: {
      module: new URL('./parquet-reader.js', import.meta.url).href,
      options: { paths: files.map(({ path }) => path) } satisfies ParquetReaderOptions,
    },
  });
}

/** The names that the rows have, if they can be keys. */
function keysOf(
  files: readonly ListedFile[],
  rows: RowsOfFiles,
  classOf: (index: number) => string,
): (index: number) => string {
  const names = files.map((one) => one.rows.names);
  if (areKeys(names)) {
    return (index) => {
      const { file, row } = rows.at(index);
      return (names[file] as readonly string[])[row] as string;
    };
  }
  const digits = String(rows.length - 1).length;
  return (index) => `${classOf(index)}/${String(index).padStart(digits, '0')}`;
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

interface RowPlace {
  readonly file: number;
  readonly row: number;
}

/** Rows of several files, numbered through. */
class RowsOfFiles {
  readonly length: number;
  /** Of each file, the number of its first row. */
  readonly #firsts: number[] = [];

  constructor(files: readonly ListedFile[]) {
    let length = 0;
    for (const { rows } of files) {
      this.#firsts.push(length);
      length += rows.length;
    }
    this.length = length;
  }

  at(index: number): RowPlace {
    let [low, high] = [0, this.#firsts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#firsts[middle] as number) <= index) low = middle;
      else high = middle;
    }
    return { file: low, row: index - (this.#firsts[low] as number) };
  }
}

function locatorOf(files: readonly ListedFile[], { file, row }: RowPlace): ParquetLocator {
  const { offset, stored, position, bytes, crc, pageSize, unpacking } = (files[file] as ListedFile).rows;
  const at = (column: Float64Array | Uint32Array | Int8Array) => column[row] as number;
  return [file, row, at(offset), at(stored), at(position), at(bytes), at(crc), at(pageSize), at(unpacking)];
}

export const isParquetName = (name: string): boolean => /\.parquet$/i.test(name);

/** Names of the Parquet files in a folder, sorted. */
export const parquetFilesIn = (folder: string): string[] =>
  listFolder(folder)
    .map(({ name }) => name)
    .filter(isParquetName)
    .sort(byCodeUnit);

/** The files that a source names, or those of a split. */
function chosenFiles(source: string | readonly string[], wanted: Split | undefined) {
  const sources = typeof source === 'string' ? [source] : source;
  const all = sources.flatMap((path) => (isShardList(path) ? expandBraces(path) : [path])).flatMap(listFiles);
  const own = sources.length === 1 ? (sources[0] as string) : `${all.length} files`;
  // a list names its files outright, and so does one file
  const isListed = wanted === undefined && (typeof source !== 'string' || all[0] === source);
  const chosen = isListed ? { paths: all } : shardsOfSplit(own, all, wanted, 'train-000.parquet');
  const split = chosen.split ?? (sources.length === 1 ? splitNamed(own).split : undefined);
  const isPart = chosen.paths.length < all.length;
  return { name: `parquet(${own}${isPart ? `, ${split}` : ''})`, paths: chosen.paths as string[], split };
}

const listFiles = (path: string): string[] =>
  isFolderPath(path) ? parquetFilesIn(path).map((name) => join(path, name)) : [path];
