import { dirname, resolve } from 'node:path';
import { DataError, ParameterError } from '../../core/errors.ts';
import { isRemote, type RemoteFile } from '../../remote/remote-file.ts';
import { type CacheChoice, type Listing, remoteOptionsOf } from '../opening/listing.ts';
import { pathStats } from '../opening/path-stats.ts';
import type { RemoteFinder } from '../opening/remote-finder.ts';
import { shownSource } from '../opening/source-path.ts';
import { warnOfShards } from '../tar/chosen-shards.ts';
import { addressedImages } from './addressed-images.ts';
import { addressIn, addressOfFolder, withoutSlash } from './image-address.ts';
import type { ListedKeys } from './list-manifest.ts';
import { folderImages, type ListedImages, tarImages } from './listed-images.ts';
import { nearMiss } from './near-miss.ts';
import { type TextFile, textPath } from './text-lines.ts';

/** Where a list's images are, and how they are read. */
interface ImageRootOptions extends CacheChoice {
  readonly imageRoot?: string | undefined;
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** What is known of a list on the network beside the object. */
export interface RemoteList {
  /** As the user wrote it. */
  readonly address?: string | undefined;
  /** All objects in its folder, where they were listed. */
  readonly objects?: readonly RemoteFile[] | undefined;
}

/** A list, and where its images may be. */
export interface OpenList extends RemoteList {
  readonly text: TextFile;
  readonly options: ImageRootOptions;
  readonly listing: Listing;
  /** Of a list on the network. */
  readonly file?: RemoteFile | undefined;
}

/** Where paths begin: an absolute path, or an address without a slash at its end. */
export function rootOf(path: string, given: string | undefined): string {
  if (given === undefined) return isRemote(path) ? addressOfFolder(path) : resolve(dirname(path));
  if (!isRemote(given)) return resolve(given);
  if (shownSource(given) === given) return withoutSlash(given);
  const reason = 'must be an address without a signature or a password, which runs would write down';
  throw new ParameterError('INVALID_OPTION', `imageRoot (--image-root) ${reason}: ${shownSource(given)}`);
}

export async function imagesOf(
  list: OpenList,
  root: string,
  keys: ListedKeys,
  finder: RemoteFinder,
): Promise<ListedImages> {
  const { options, listing, text } = list;
  const remote = remoteOptionsOf(options);
  if (isRemote(root) && /\.tar$/i.test(root)) {
    const { files } = await listing.filesAt(root);
    return tarImages(files[0] as RemoteFile, keys, listing, remote);
  }
  if (isFilePath(root)) return tarImages(root, keys, listing, remote);
  if (!isRemote(root) && keys.addresses === 0) return folderImages(root, keys);
  const objects = await objectsIn(list, root, keys);
  keepAccess(list, root, keys, finder);
  // the options and the text would be held for as long as the dataset
  const [tell, path] = [options.onMessage ?? warnOfShards, textPath(text)];
  const tellOf = (count: number) => {
    if (count >= MANY_OBJECTS) tell(`${path}: looks up ${count} images over the network`);
  };
  return addressedImages({ root: pinnedRoot(root, objects), keys, objects, finder, remote, tellOf });
}

const MANY_OBJECTS = 1000;

/** All objects in a root that can be listed, S3's or the hub's: one request for a thousand, instead of one each. */
async function objectsIn({ objects, options, listing }: OpenList, root: string, keys: ListedKeys) {
  if (objects !== undefined && options.imageRoot === undefined) return objects;
  const isListable = isRemote(root) && !root.startsWith('http') && keys.addresses < keys.length;
  return isListable ? (await listing.filesAt(`${root}/`)).files : undefined;
}

/** With the commit that the hub's objects have in their addresses. */
function pinnedRoot(root: string, [first]: readonly RemoteFile[] = []): string {
  return first === undefined ? root : first.url.split('/').slice(0, root.split('/').length).join('/');
}

/** A password that gives access to the list is that of its images on the same server, too. */
function keepAccess({ address = '' }: OpenList, root: string, keys: ListedKeys, finder: RemoteFinder): void {
  const [access] = /^https?:\/\/[^/?#]*@/.exec(address) ?? [];
  if (access === undefined) return;
  const [server] = /^https?:\/\/[^/]*/.exec(shownSource(address)) as unknown as [string];
  for (let index = 0; index < keys.length; index++) {
    const url = addressIn(root, keys.at(index));
    if (url.startsWith(`${server}/`)) finder.plainUrl(access + url.replace(/^https?:\/\//, ''));
  }
}

/** Of a root that is no folder: a tar. */
const isFilePath = (path: string): boolean => pathStats(path)?.isFile() === true;

const LOOKED_AT = 64;

/** To look for millions of files would take minutes: if not one of some is there, the root is another one. */
export async function checkRoot(
  path: string,
  root: string,
  keys: ListedKeys,
  { isThere }: ListedImages,
): Promise<void> {
  const step = Math.max(1, keys.length / LOOKED_AT);
  for (let at = 0; at < keys.length; at += step) if (await isThere(Math.floor(at))) return;
  const first = keys.at(0);
  const where = isRemote(root) || isRemote(first) ? addressIn(root, first) : resolve(root, first);
  const looked = Math.min(keys.length, LOOKED_AT);
  const reason = `not one of ${looked} images looked at is there, the first at ${where}`;
  const near = isRemote(root) || isRemote(first) ? '' : nearMiss(root, first);
  throw new DataError(
    'MISSING_FILES',
    `${path}: ${reason}: imageRoot (--image-root) says where paths begin${near}`,
  );
}
