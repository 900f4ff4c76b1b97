import { posix } from 'node:path';
import { DataError } from '../core/errors.ts';
import type { Dataset } from './dataset.ts';
import { type FoundFiles, Listing } from './listing.ts';
import { type OpenDatasetOptions, type RemoteKind, type SourceKind, undivided } from './source-kind.ts';
import { shownSource } from './source-path.ts';
import { type Division, divide, noSplit, splitIn, splitsIn } from './split.ts';
import { expandBraces, hasBraceList } from './tar/brace-list.ts';
import { holdsShards, remoteDivision } from './tar/remote-shards.ts';
import { divideShards } from './tar/shard-splits.ts';

/** The dataset at an address: one object, a list of them in braces, or a folder of s3:// or hf://. */
export function openRemote(
  kinds: readonly SourceKind[],
  url: string,
  options: OpenDatasetOptions,
): Promise<Dataset> {
  return Listing.of([url], options, async (listing) => {
    const found = await listing.filesAt(firstAddress(url));
    const kind = await kindAt(kinds, url, found, listing);
    const { split: _, ...others } = options;
    return kind.list(url, { ...others, ...splitOf(url, found, options) }, listing);
  });
}

/** Where an address holds which splits. */
export function remoteDivisionOf(kinds: readonly SourceKind[], url: string): Promise<Division> {
  return Listing.of([url], {}, async (listing) => {
    if (hasBraceList(url)) return listDivision(url);
    const found = await listing.filesAt(url);
    if (!found.isFolder) return undivided;
    const { format } = await kindAt(kinds, url, found, listing);
    return remoteDivision(url, found.files, format);
  });
}

const firstAddress = (url: string): string => expandBraces(url)[0] as string;

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

/** By the names in a folder, or by an object's first bytes. */
async function kindAt(
  kinds: readonly SourceKind[],
  url: string,
  { files, isFolder }: FoundFiles,
  listing: Listing,
): Promise<RemoteKind> {
  const remote = kinds.flatMap((kind) => kind.remote ?? []);
  const [first] = files as [FoundFiles['files'][number]];
  const head = isFolder ? undefined : await listing.headOf(first);
  const kind = remote.find(({ format, isHead }) =>
    head === undefined
      ? holdsShards(url, files, format)
      : isHead(head) || format.isShardName(posix.basename(first.url)),
  );
  if (kind !== undefined) return kind;
  const expected = 'over the network, .tar shards, .parquet files and TFRecords are read';
  throw new DataError(
    'UNKNOWN_SOURCE',
    `${shownSource(url)}: is not a dataset that can be read; ${expected}`,
  );
}
