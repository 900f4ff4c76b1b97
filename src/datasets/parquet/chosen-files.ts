import { join } from 'node:path';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { type Split, splitNamed } from '../split.ts';
import { expandBraces } from '../tar/brace-list.ts';
import { shardsOfSplit } from '../tar/shard-splits.ts';
import { isShardList } from '../tar/web-dataset.ts';

export const isParquetName = (name: string): boolean => /\.parquet$/i.test(name);

/** Names of the Parquet files in a folder, sorted. */
export const parquetFilesIn = (folder: string): string[] =>
  listFolder(folder)
    .map(({ name }) => name)
    .filter(isParquetName)
    .sort(byCodeUnit);

/** The files that a source names, or those of a split. */
export function chosenFiles(source: string | readonly string[], wanted: Split | undefined) {
  const sources = typeof source === 'string' ? [source] : source;
  const all = sources.flatMap((path) => (isShardList(path) ? expandBraces(path) : [path])).flatMap(filesAt);
  const own = sources.length === 1 ? (sources[0] as string) : `${all.length} files`;
  // a list names its files outright, and so does one file
  const isListed = wanted === undefined && (typeof source !== 'string' || all[0] === source);
  const chosen = isListed ? { paths: all } : shardsOfSplit(own, all, wanted, 'train-000.parquet');
  const split = chosen.split ?? (sources.length === 1 ? splitNamed(own).split : undefined);
  const isPart = chosen.paths.length < all.length;
  return { name: `parquet(${own}${isPart ? `, ${split}` : ''})`, paths: chosen.paths as string[], split };
}

const filesAt = (path: string): string[] =>
  isFolderPath(path) ? parquetFilesIn(path).map((name) => join(path, name)) : [path];
