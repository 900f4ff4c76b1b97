import { existsSync } from 'node:fs';
import { isRemote } from '../../remote/remote-file.ts';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { pathIn } from '../opening/file-path.ts';
import type { Listing } from '../opening/listing.ts';
import { type SourcePath, shownSource } from '../opening/source-path.ts';
import { type Split, splitNamed } from '../opening/split.ts';
import { expandBraces, hasBraceList } from './brace-list.ts';
import { remoteShards } from './remote-shards.ts';
import type { ShardFormat } from './shard-format.ts';
import { shardsOfSplit } from './shard-splits.ts';

/** Whether a path is a list in braces, and not the name of something that is there. */
export const isShardList = (path: string): boolean => hasBraceList(path) && !existsSync(path);

/** Names of the shards in a folder, sorted. */
export function shardsIn(folder: string, { isShardName }: Pick<ShardFormat, 'isShardName'>): string[] {
  return listFolder(folder)
    .map(({ name }) => name)
    .filter(isShardName)
    .sort(byCodeUnit);
}

const listPaths = (path: string): string[] => (isShardList(path) ? expandBraces(path) : [path]);

/** The paths or addresses that a dataset is made of. */
export const sourcesOf = (source: string | readonly string[]): readonly string[] =>
  typeof source === 'string' ? [source] : source;

/** Files of a dataset. */
export interface ChosenShards {
  /** Of the dataset. */
  readonly name: string;
  readonly paths: readonly SourcePath[];
  readonly split: Split | undefined;
}

/** The shards that a source names, or those of a split. */
export async function chosenShards(
  listing: Listing,
  source: string | readonly string[],
  wanted: Split | undefined,
  format: ShardFormat,
): Promise<ChosenShards> {
  const sources = sourcesOf(source);
  const found = await Promise.all(
    sources.flatMap(listPaths).map((path) => listShards(path, wanted, format, listing)),
  );
  const all = found.flatMap(({ paths }) => paths);
  const own = sources.length === 1 ? shownSource(sources[0] as string) : `${all.length} shards`;
  const ofFolder = found.length === 1 ? found[0]?.split : undefined;
  if (ofFolder !== undefined)
    return { name: `${format.reader}(${own}, ${ofFolder})`, paths: all, split: ofFolder };
  // a list names its shards outright
  const isListed = typeof source !== 'string' && wanted === undefined;
  const chosen = isListed ? { paths: all } : shardsOfSplit(own, all, wanted, format.example);
  const split = chosen.split ?? (sources.length === 1 ? splitNamed(own).split : undefined);
  const isPart = chosen.paths.length < all.length;
  return { name: `${format.reader}(${own}${isPart ? `, ${split}` : ''})`, paths: chosen.paths, split };
}

interface FoundShards {
  readonly paths: readonly SourcePath[];
  /** That their folder is named after. */
  readonly split?: Split;
}

async function listShards(
  path: string,
  wanted: Split | undefined,
  format: ShardFormat,
  listing: Listing,
): Promise<FoundShards> {
  if (isRemote(path)) return remoteShards(path, wanted, format, listing);
  if (!isFolderPath(path)) return { paths: [path] };
  return { paths: shardsIn(path, format).map((name) => pathIn(path, name)) };
}

export function warnOfShards(message: string): void {
  process.emitWarning(message, { code: 'MILLRACE_EMPTY_SHARDS' });
}
