import { posix } from 'node:path';
import { DataError } from '../../core/errors.ts';
import type { RemoteFile } from '../../remote/remote-file.ts';
import { byCodeUnit } from '../folder/folders.ts';
import type { Listing } from '../opening/listing.ts';
import {
  type Division,
  divide,
  noSplit,
  onlyOne,
  type Split,
  splitCalled,
  splitsIn,
} from '../opening/split.ts';
import type { ShardFormat } from './shard-format.ts';
import { divideShards } from './shard-splits.ts';

/** Shards on the network; the split that their folder is named after. */
export interface RemoteShards {
  readonly paths: readonly RemoteFile[];
  readonly split?: Split;
}

/** The object at an address, or the shards in the folder there: those of a split, where its folders are named so. */
export async function remoteShards(
  url: string,
  wanted: Split | undefined,
  format: ShardFormat,
  listing: Listing,
): Promise<RemoteShards> {
  const { files, isFolder } = await listing.filesAt(url);
  if (!isFolder) return { paths: files };
  const folders = shardFolders(url, files, format);
  const division = splitFolders(folders);
  if (splitsIn(division).length === 0) return { paths: onlyFolder(url, folders) };
  const split = wanted ?? 'train';
  const name = onlyOne(url, division, split);
  if (name === undefined)
    throw noSplit(url, split, division, `split (expected a folder named ${split} with such files in it)`);
  return { paths: folders.get(name) ?? [], split };
}

/** Where a folder on the network holds which splits. */
export function remoteDivision(url: string, files: readonly RemoteFile[], format: ShardFormat): Division {
  const folders = shardFolders(url, files, format);
  const division = splitFolders(folders);
  if (splitsIn(division).length > 0) return division;
  return divideShards(onlyFolder(url, folders).map((file) => posix.basename(file.url)));
}

/** Whether shards of the format lie in a folder. */
export const holdsShards = (url: string, files: readonly RemoteFile[], format: ShardFormat): boolean =>
  shardFolders(url, files, format).size > 0;

/** Shards by the folders that they are in, from the one at `url` on: only those in itself, if there are such. */
function shardFolders(
  url: string,
  files: readonly RemoteFile[],
  { isShardName }: ShardFormat,
): Map<string, RemoteFile[]> {
  // a commit may stand in an object's address where the folder's has none, but no further part
  const depth = url.replace(/\/+$/, '').split('/').length;
  const folders = new Map<string, RemoteFile[]>();
  for (const file of files) {
    const parts = file.url.split('/').slice(depth);
    if (!isShardName(parts.at(-1) ?? '') || parts.some((part) => part.startsWith('.'))) continue;
    const folder = parts.slice(0, -1).join('/');
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const own = folders.get('');
  return own === undefined ? folders : new Map([['', own]]);
}

const splitFolders = (folders: ReadonlyMap<string, unknown>): Division =>
  divide([...folders.keys()].sort(byCodeUnit), splitCalled);

/** As the hub has them in `data`. */
function onlyFolder(url: string, folders: ReadonlyMap<string, readonly RemoteFile[]>): readonly RemoteFile[] {
  const [first, ...others] = folders.keys();
  if (first === undefined || others.length === 0) return folders.get(first ?? '') ?? [];
  const named = [first, ...others].slice(0, 10).join(', ');
  throw new DataError(
    'SEVERAL_FOLDERS',
    `${url}: holds shards in several folders, none of which is named as a split: ${named}; name one of them`,
  );
}
