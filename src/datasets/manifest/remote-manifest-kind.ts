import { DataError } from '../../core/errors.ts';
import type { RemoteFile } from '../../remote/remote-file.ts';
import type { Dataset } from '../dataset.ts';
import type { FoundFiles, Listing } from '../opening/listing.ts';
import type { OpenDatasetOptions, RemoteKind } from '../opening/source-kind.ts';
import { shownSource } from '../opening/source-path.ts';
import { type Division, divide, noSplit, onlyOne, splitCalled, splitIn, splitsIn } from '../opening/split.ts';
import { listName, saidDivision } from './list-names.ts';
import { metadataName, remoteManifest } from './manifest.ts';

/** A list on the network: an object, or a folder of S3 or the hub with lists in it, where it holds no shards. */
export const remoteManifestKind: RemoteKind = {
  isObject: (_, name) => listName.test(name),
  isFolder: (url, files) => listsAt(url, files) !== undefined,
  async division(url, found, listing) {
    const lists = listsOf(url, found);
    return 'only' in lists ? divisionOf(lists.only, listing) : lists.division;
  },
  open,
};

/** The lists at an address: one, or by name those of splits. */
type RemoteLists =
  | { readonly only: RemoteFile }
  | { readonly division: Division; readonly files: ReadonlyMap<string, RemoteFile> };

function listsOf(url: string, { files, isFolder }: FoundFiles): RemoteLists {
  const lists = isFolder ? listsAt(url, files) : { only: files[0] as RemoteFile };
  if (lists !== undefined) return lists;
  throw new DataError('MISSING_FILE', `${shownSource(url)}: has no list of images`);
}

/** As of a folder on the disk: metadata in it, or in its folders that are splits, or lists that are named as splits. */
function listsAt(url: string, files: readonly RemoteFile[]): RemoteLists | undefined {
  // a commit may stand in an object's address where the folder's has none, but no further part
  const depth = url.replace(/\/+$/, '').split('/').length;
  const byPath = new Map(files.map((file) => [file.url.split('/').slice(depth).join('/'), file]));
  const names = [...byPath.keys()];
  const only = names.find((name) => metadataName.test(name));
  if (only !== undefined) return { only: byPath.get(only) as RemoteFile };
  const inFolders = divide(names, (name) => {
    const [folder = '', file = '', ...more] = name.split('/');
    return more.length === 0 && metadataName.test(file) ? splitCalled(folder) : undefined;
  });
  if (splitsIn(inFolders).length > 0) return { division: inFolders, files: byPath };
  const division = divide(names, (name) =>
    !name.includes('/') && listName.test(name) ? splitIn(name) : undefined,
  );
  return splitsIn(division).length > 0 ? { division, files: byPath } : undefined;
}

async function open(
  url: string,
  found: FoundFiles,
  { split, ...options }: OpenDatasetOptions,
  listing: Listing,
): Promise<Dataset> {
  const lists = listsOf(url, found);
  const wanted = split ?? 'train';
  const shown = shownSource(url);
  const known = found.isFolder ? { objects: found.files } : { address: url };
  if ('only' in lists) {
    const division = await divisionOf(lists.only, listing);
    if (wanted !== 'train' && splitsIn(division).length === 0)
      throw noSplit(shown, wanted, division, 'rows (a column "split" says which are; or name its own list)');
    return remoteManifest(lists.only, { ...options, split: wanted }, listing, known);
  }
  const name = onlyOne(shown, lists.division, wanted);
  if (name !== undefined) return remoteManifest(lists.files.get(name) as RemoteFile, options, listing, known);
  throw noSplit(shown, wanted, lists.division, `split (expected ${wanted}.csv)`);
}

const divisionOf = async (file: RemoteFile, listing: Listing): Promise<Division> =>
  saidDivision({ path: file.url, bytes: await listing.bytesOf(file) });
