import { basename, join } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { byCodeUnit, foldersIn, isFolderPath } from '../folder/folders.ts';
import { hasClassFolders } from '../folder/holds-images.ts';
import { type Division, divide, noSplit, onlyOne, type Split, splitCalled, splitsIn } from '../split.ts';
import { expandBraces } from '../tar/brace-list.ts';
import { divideShards } from '../tar/shard-splits.ts';
import type { MemberOptions } from '../tar/tar-samples.ts';
import { isShardList } from '../tar/web-dataset.ts';
import { isParquetName, parquetFilesIn } from './chosen-files.ts';
import { isParquet } from './footer.ts';
import { type ParquetOptions, parquet } from './parquet.ts';

/** For `openDataset`: how such a path is told, divided and opened. */
export const parquetKind = {
  description:
    'Parquet files of the Hugging Face hub: a .parquet file, several, a folder of them or with data/*.parquet, or with train/*.parquet and so on',
  recognises: ({ path, isFolder, head }: PathSeen): boolean =>
    isFolder ? isParquetFolder(path) : isParquet(head) || isParquetName(path),
  division: parquetDivision,
  open: openParquet,
  hasMembers: true,
};

interface PathSeen {
  readonly path: string;
  readonly isFolder: boolean;
  readonly head: Uint8Array;
}

/** A folder of Parquet files, and not of class folders beside which one lies. */
const isParquetFolder = (path: string): boolean =>
  (folderOf(path) !== undefined || splitsIn(splitFolders(path)).length > 0) && !hasClassFolders(path);

/** Where the files are: in the folder itself, or as the hub lays them out in its `data`. */
const folderOf = (path: string): string | undefined =>
  [path, join(path, 'data')].find((folder) => isFolderPath(folder) && parquetFilesIn(folder).length > 0);

const splitFolders = (path: string): Division =>
  divide(foldersIn(path).sort(byCodeUnit), (name) => {
    const split = splitCalled(name);
    return split !== undefined && parquetFilesIn(join(path, name)).length > 0 ? split : undefined;
  });

function parquetDivision(path: string): Division {
  if (isShardList(path)) return divideShards(expandBraces(path).map((one) => basename(one)));
  if (!isFolderPath(path)) return { train: [], val: [], test: [] };
  const folder = folderOf(path);
  return folder === undefined ? splitFolders(path) : divideShards(parquetFilesIn(folder));
}

/** What a table is asked for in the words of shards: a member is a column. */
interface OpenParquetOptions extends Pick<ParquetOptions, 'split' | 'onMessage'>, MemberOptions {}

function openParquet(path: string, { split, imageMember, labelKey, onMessage }: OpenParquetOptions): Dataset {
  const wanted = split ?? 'train';
  const options = { imageColumn: imageMember, labelColumn: labelKey, onMessage };
  if (isShardList(path)) return openFiles(path, split, options);
  // it is named outright, whatever its name says
  if (!isFolderPath(path)) return parquet(path, wanted === 'train' ? options : { ...options, split: wanted });
  const folder = folderOf(path);
  if (folder !== undefined) return openFiles(folder, split, options);
  const division = splitFolders(path);
  const name = onlyOne(path, division, wanted);
  if (name !== undefined) return openSplitFolder(join(path, name), wanted, options);
  const reason = `split (expected a folder named ${wanted} with .parquet files in it)`;
  throw noSplit(path, wanted, division, reason);
}

const openFiles = (path: string, split: Split | undefined, options: ParquetOptions): Dataset =>
  parquet(path, { ...options, ...(split && { split }) });

/** All files of a split's folder, unless some of them are named as another split. */
function openSplitFolder(folder: string, split: Split, options: ParquetOptions): Dataset {
  const isDivided = divideShards(parquetFilesIn(folder))[split].length > 0;
  return openFiles(folder, isDivided ? split : undefined, options);
}
