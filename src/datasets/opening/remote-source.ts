import { posix } from 'node:path';
import { DataError } from '../../core/errors.ts';
import type { Dataset } from '../dataset.ts';
import { expandBraces } from '../tar/brace-list.ts';
import type { KnownAddresses } from './known-addresses.ts';
import { type FoundFiles, Listing } from './listing.ts';
import type { OpenDatasetOptions, RemoteKind, SourceKind } from './source-kind.ts';
import { shownSource } from './source-path.ts';
import type { Division } from './split.ts';

/** The dataset at an address: one object, a list of them in braces, or a folder of s3:// or hf://. */
export function openRemote(
  kinds: readonly SourceKind[],
  url: string,
  options: OpenDatasetOptions,
): Promise<Dataset> {
  return Listing.of([url], options, async (listing) => {
    const found = await listing.filesAt(firstAddress(url));
    const kind = await kindAt(kinds, url, found, listing);
    return kind.open(url, found, options, listing);
  });
}

/** Where an address holds which splits. */
export function remoteDivisionOf(
  kinds: readonly SourceKind[],
  url: string,
  known: KnownAddresses | undefined,
): Promise<Division> {
  return Listing.of([url], { known }, async (listing) => {
    const found = await listing.filesAt(firstAddress(url));
    return (await kindAt(kinds, url, found, listing)).division(url, found, listing);
  });
}

const firstAddress = (url: string): string => expandBraces(url)[0] as string;

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
  const kind = remote.find((one) =>
    head === undefined ? one.isFolder(url, files) : one.isObject(head, posix.basename(first.url)),
  );
  if (kind !== undefined) return kind;
  const expected = 'over the network, .tar shards, .parquet files, TFRecords and lists of images are read';
  throw new DataError(
    'UNKNOWN_SOURCE',
    `${shownSource(url)}: is not a dataset that can be read; ${expected}`,
  );
}
