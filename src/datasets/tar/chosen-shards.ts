import { existsSync } from 'node:fs';
import { type FilePath, pathIn } from '../file-path.ts';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { type Split, splitNamed } from '../split.ts';
import { expandBraces, hasBraceList } from './brace-list.ts';
import { shardsOfSplit } from './shard-splits.ts';

/** What tells files of one kind in a folder, of which a dataset may have many. */
export interface ShardFormat {
  /** The function that reads them, for messages. */
  readonly reader: string;
  /** A name that says its split, train, for messages. Default: that of a tar. */
  readonly example?: string;
  isShardName(name: string): boolean;
}

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

/** The shards that a source names, or those of a split. */
export function chosenShards(
  source: string | readonly string[],
  wanted: Split | undefined,
  format: ShardFormat,
) {
  const sources = typeof source === 'string' ? [source] : source;
  const all = sources.flatMap(listPaths).flatMap((path) => listShards(path, format));
  const own = sources.length === 1 ? (sources[0] as string) : `${all.length} shards`;
  // a list names its shards outright
  const isListed = typeof source !== 'string' && wanted === undefined;
  const chosen = isListed ? { paths: all } : shardsOfSplit(own, all, wanted, format.example);
  const split = chosen.split ?? (sources.length === 1 ? splitNamed(own).split : undefined);
  const isPart = chosen.paths.length < all.length;
  return { name: `${format.reader}(${own}${isPart ? `, ${split}` : ''})`, paths: chosen.paths, split };
}

function listShards(path: string, format: ShardFormat): FilePath[] {
  if (!isFolderPath(path)) return [path];
  return shardsIn(path, format).map((name) => pathIn(path, name));
}

export function warnOfShards(message: string): void {
  process.emitWarning(message, { code: 'MILLRACE_EMPTY_SHARDS' });
}
