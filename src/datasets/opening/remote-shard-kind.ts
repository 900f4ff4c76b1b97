import { posix } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { expandBraces, hasBraceList } from '../tar/brace-list.ts';
import { holdsShards, remoteDivision } from '../tar/remote-shards.ts';
import type { ShardFormat } from '../tar/shard-format.ts';
import { divideShards } from '../tar/shard-splits.ts';
import type { FoundFiles, Listing } from './listing.ts';
import { type OpenDatasetOptions, type RemoteKind, undivided } from './source-kind.ts';
import { shownSource } from './source-path.ts';
import { type Division, divide, noSplit, splitIn, splitsIn } from './split.ts';

/** Files of which a dataset may have many, and what lists them. */
export interface ListedShards {
  readonly format: ShardFormat;
  /** Whether a file is one, by how it begins. */
  isHead(head: Buffer): boolean;
  list(url: string, options: OpenDatasetOptions, listing: Listing): Promise<Dataset>;
}

/** One such object, a list of them in braces, a folder of them, or one with folders of them that are named as a split. */
export function remoteShardKind({ format, isHead, list }: ListedShards): RemoteKind {
  return {
    isObject: (head, name) => isHead(head) || format.isShardName(name),
    isFolder: (url, files) => holdsShards(url, files, format),
    division(url, { files, isFolder }) {
      if (hasBraceList(url)) return listDivision(url);
      return isFolder ? remoteDivision(url, files, format) : undivided;
    },
    open(url, found, options, listing) {
      const { split: _, ...others } = options;
      return list(url, { ...others, ...splitOf(url, found, options) }, listing);
    },
  };
}

const listDivision = (url: string): Division =>
  divideShards(expandBraces(url).map((one) => posix.basename(one)));

/** As of a path on the disk: an object that is named outright is train, whatever its name says. */
function splitOf(
  url: string,
  { isFolder }: FoundFiles,
  { split }: OpenDatasetOptions,
): Pick<OpenDatasetOptions, 'split'> {
  const wanted = split ?? 'train';
  if (isFolder) return split === undefined ? {} : { split };
  if (hasBraceList(url))
    return splitsIn(listDivision(url)).length > 0 || wanted !== 'train' ? { split: wanted } : {};
  if (wanted === 'train') return {};
  const division = divide([posix.basename(shownSource(url))], splitIn);
  throw noSplit(shownSource(url), wanted, division, 'split (it is one file; name the folder or a list)');
}
