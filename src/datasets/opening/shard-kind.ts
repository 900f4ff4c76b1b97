import { basename, join } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { byCodeUnit, foldersIn, isFolderPath } from '../folder/folders.ts';
import { hasClassFolders } from '../folder/holds-images.ts';
import { expandBraces } from '../tar/brace-list.ts';
import { isShardList, shardsIn } from '../tar/chosen-shards.ts';
import type { ShardFormat } from '../tar/shard-format.ts';
import { divideShards } from '../tar/shard-splits.ts';
import { Listing } from './listing.ts';
import { type ListedShards, remoteShardKind } from './remote-shard-kind.ts';
import { type OpenDatasetOptions, type PathInfo, type SourceKind, undivided } from './source-kind.ts';
import { type Division, divide, noSplit, onlyOne, splitCalled, splitsIn } from './split.ts';

/** A kind of source of which a dataset may have many files: where they are, and what opens them. */
export interface ShardSource extends ListedShards {
  readonly description: string;
  /** A name such as `*.tar`, for messages. */
  readonly pattern: string;
  /** The options that say something of it, beside the members'. */
  readonly options?: SourceKind['options'];
  /** Whether a list in braces is of such files. */
  isList(path: string): boolean;
}

/** Opens what a path names. */
const openPath = (source: ShardSource, path: string, options: OpenDatasetOptions): Promise<Dataset> =>
  Listing.of([path], options, (listing) => source.list(path, options, listing));

/** One file, a list of them in braces, a folder of them, or one with folders of them that are named as a split. */
export function shardKind(source: ShardSource): SourceKind {
  return {
    description: source.description,
    options: ['imageMember', 'labelKey', ...(source.options ?? [])],
    recognises: (info) => recognises(source, info),
    division: (path) => divisionOf(source.format, path),
    open: (path, options) => open(source, path, options),
    remote: remoteShardKind(source),
  };
}

function recognises({ format, isHead, isList }: ShardSource, { path, isFolder, head }: PathInfo): boolean {
  if (isFolder) return isShardFolder(format, path) || splitsIn(shardFolders(format, path)).length > 0;
  if (isShardList(path)) return isList(path);
  return isHead(head) || format.isShardName(path);
}

function divisionOf(format: ShardFormat, path: string): Division {
  if (isShardList(path)) return listDivision(expandBraces(path));
  if (!isFolderPath(path)) return undivided;
  const folders = shardFolders(format, path);
  return splitsIn(folders).length > 0 ? folders : divideShards(shardsIn(path, format));
}

/** Folders of shards are divided by the shards in them, or not at all. */
function listDivision(paths: readonly string[]): Division {
  return paths.some((path) => isFolderPath(path))
    ? undivided
    : divideShards(paths.map((path) => basename(path)));
}

async function open(
  source: ShardSource,
  path: string,
  { split, ...options }: OpenDatasetOptions,
): Promise<Dataset> {
  const { format, pattern } = source;
  const wanted = split ?? 'train';
  if (isShardList(path) && (splitsIn(divisionOf(format, path)).length > 0 || wanted !== 'train'))
    return openPath(source, path, { ...options, split: wanted });
  const isOneShard = !isFolderPath(path);
  // it is named outright, whatever its name says
  if (isOneShard && wanted === 'train') return openPath(source, path, options);
  const folders = isOneShard ? undivided : shardFolders(format, path);
  if (!isOneShard && splitsIn(folders).length === 0)
    return openPath(source, path, { ...options, ...(split && { split }) });
  const name = onlyOne(path, folders, wanted);
  if (name !== undefined) return openFolder(source, join(path, name), { ...options, split: wanted });
  const reason = `split (expected a folder named ${wanted} with ${pattern} files in it)`;
  throw noSplit(path, wanted, folders, reason);
}

/** All shards of a split's folder, unless some of them are named as another split. */
function openFolder(
  source: ShardSource,
  folder: string,
  { split = 'train', ...options }: OpenDatasetOptions,
): Promise<Dataset> {
  const isDivided = divideShards(shardsIn(folder, source.format))[split].length > 0;
  return openPath(source, folder, { ...options, ...(isDivided && { split }) });
}

/** A folder of shards, and not of class folders beside which a shard lies. */
const isShardFolder = (format: ShardFormat, path: string): boolean =>
  shardsIn(path, format).length > 0 && !hasClassFolders(path);

/** Folders of shards that are named as a split. */
function shardFolders(format: ShardFormat, path: string): Division {
  return divide(foldersIn(path).sort(byCodeUnit), (name) => {
    const split = splitCalled(name);
    return split !== undefined && isShardFolder(format, join(path, name)) ? split : undefined;
  });
}
