import { existsSync, readFileSync } from 'node:fs';
import { BackendError, DataError } from '../../core/errors.ts';
import { identityOf, isRemote, type RemoteFile } from '../../remote/remote-file.ts';
import { RemoteFiles, type RemoteOptions } from '../../remote/remote-files.ts';
import { type ByteWindow, FileWindow } from '../pieces/file-window.ts';
import { RemoteWindow } from '../pieces/remote-window.ts';
import { folderOf, pathIn, pathInWords, systemPath } from './file-path.ts';
import { keepList, keptList, type ListFormat } from './kept-list.ts';
import { KnownAddresses } from './known-addresses.ts';
import { isRemoteFile, type SourcePath, sourceName } from './source-path.ts';

/** How data on the network are read. */
export interface CacheChoice {
  /** A folder that keeps what was read from the network. Default: nothing is kept. */
  readonly cache?: string | undefined;
  /** Bytes that the cache may take. Default 50e9. */
  readonly cacheLimit?: number | undefined;
}

export const DEFAULT_CACHE_LIMIT = 50e9;

export const remoteOptionsOf = ({ cache, cacheLimit = DEFAULT_CACHE_LIMIT }: CacheChoice): RemoteOptions =>
  cache === undefined ? {} : { cache: { folder: cache, limit: cacheLimit } };

export interface ListingOptions extends CacheChoice {
  readonly onMessage?: ((message: string) => void) | undefined;
  /** What other datasets of the same run have found. Default: nothing, so that all is looked up. */
  readonly known?: KnownAddresses | undefined;
}

/** A tar's header. */
const HEAD_BYTES = 512;

/** Of a text, where a connection that breaks costs no more. */
const PIECE_BYTES = 1 << 22;

/** What lies at an address. */
export interface FoundFiles {
  readonly files: readonly RemoteFile[];
  readonly isFolder: boolean;
}

/** To list less takes no time worth a word. */
const MANY_REMOTE_BYTES = 1e8;

async function findFiles(remote: RemoteFiles, url: string): Promise<FoundFiles> {
  const list = async () => ({ files: await remote.list(url), isFolder: true });
  if (isFolderAddress(url)) return list();
  try {
    return { files: [await remote.find(url)], isFolder: false };
  } catch (cause) {
    const isMissing = cause instanceof DataError && cause.code === 'MISSING_FILE' && !url.startsWith('http');
    if (!isMissing) throw cause;
    // it may be a folder without a slash at its end; where it is not, the first error says more
    return list().catch(() => Promise.reject(cause));
  }
}

/** A web server has no folders; a whole bucket or repository is one. */
function isFolderAddress(url: string): boolean {
  if (/^https?:/.test(url)) return false;
  const [, , ...parts] = url.split('/');
  return url.endsWith('/') || parts.length <= (url.startsWith('hf:') ? 3 : 1);
}

/** A file that was read as a text. */
export interface FoundText {
  /** For people. */
  readonly path: string;
  readonly text: string;
}

/** Opens the files of a dataset while it is listed; those on the network only between the start and the end of that. */
export class Listing {
  /** Of files on the disk alone. */
  static readonly local = new Listing(undefined);
  readonly #remote: RemoteFiles | undefined;
  readonly #known: KnownAddresses;
  readonly #tell: (message: string) => void;

  private constructor(remote: RemoteFiles | undefined, { known, onMessage }: ListingOptions = {}) {
    this.#remote = remote;
    this.#known = known ?? new KnownAddresses();
    this.#tell = onMessage ?? (() => {});
  }

  /** Lists by `act`. Connections are open only as long as that takes, and where a path is on the network. */
  static async of<Result>(
    paths: readonly string[],
    options: ListingOptions,
    act: (listing: Listing) => Promise<Result>,
  ): Promise<Result> {
    const isAny = paths.some(isRemote);
    const remote = isAny ? new RemoteFiles(remoteOptionsOf(options), options.onMessage) : undefined;
    try {
      return await act(new Listing(remote, options));
    } finally {
      await remote?.close();
    }
  }

  get remote(): RemoteFiles {
    if (this.#remote !== undefined) return this.#remote;
    throw new BackendError('NOT_REMOTE', 'a listing without addresses asks for the network');
  }

  window(path: SourcePath): ByteWindow {
    return isRemoteFile(path) ? new RemoteWindow(path, this.remote) : new FileWindow(path);
  }

  /** The object at an address, or all that lie in the folder there and in its folders. */
  filesAt(url: string): Promise<FoundFiles> {
    return this.#known.once(`files at ${url}`, () => findFiles(this.remote, url));
  }

  /** How an object begins: as many bytes as any format needs to be told by. */
  headOf(file: RemoteFile): Promise<Buffer> {
    // it may be a list
    const read = () => this.remote.readUnkept(file, 0, Math.min(HEAD_BYTES, file.size));
    return this.#known.once(`head of ${identityOf(file)}`, read);
  }

  /** An object that is wanted whole, a list: read once, and not kept in a cache. */
  bytesOf(file: RemoteFile): Promise<Buffer> {
    return this.#known.once(`bytes of ${identityOf(file)}`, () => this.#whole(file));
  }

  async #whole(file: RemoteFile): Promise<Buffer> {
    const pieces: Promise<Buffer>[] = [];
    for (let start = 0; start < file.size; start += PIECE_BYTES)
      pieces.push(this.remote.readUnkept(file, start, Math.min(PIECE_BYTES, file.size - start)));
    return Buffer.concat(await Promise.all(pieces));
  }

  /** The file of this name that lies beside another one, if there is one. */
  async textBeside(path: SourcePath, name: string): Promise<FoundText | undefined> {
    if (isRemoteFile(path)) {
      const url = path.url.replace(/[^/]*$/, name);
      return this.#known.once(`text at ${url}`, () => this.#remoteText(url));
    }
    const beside = pathIn(folderOf(path), name);
    if (!existsSync(systemPath(beside))) return undefined;
    return { path: pathInWords(beside), text: readFileSync(systemPath(beside), 'utf8') };
  }

  async #remoteText(url: string): Promise<FoundText | undefined> {
    try {
      const file = await this.remote.find(url);
      return { path: url, text: (await this.remote.read(file, 0, file.size)).toString() };
    } catch (cause) {
      // some servers say of what is not there that it is not allowed
      const isMissing = cause instanceof DataError && ['MISSING_FILE', 'ACCESS_DENIED'].includes(cause.code);
      if (isMissing) return undefined;
      throw cause;
    }
  }

  #tellOf(paths: readonly SourcePath[]): void {
    const bytes = paths.reduce((sum, path) => sum + (isRemoteFile(path) ? path.size : 0), 0);
    if (bytes < MANY_REMOTE_BYTES) return;
    const most = `at most ${(bytes / 1e9).toFixed(1)} GB`;
    this.#tell(
      `${sourceName(paths[0] as SourcePath)}, ...: lists ${paths.length} files over the network, ${most}`,
    );
  }

  /** What is listed of the files, file by file in their order. A local file's items are made as they are taken. */
  items<Item>(paths: readonly SourcePath[], format: ListFormat<Item>): AsyncGenerator<Iterable<Item>> {
    let isTold = false;
    const onListing = (): void => {
      if (!isTold) this.#tellOf(paths);
      isTold = true;
    };
    return inOrder(paths, (path) => this.itemsOf(path, format, onListing));
  }

  /**
   * What is listed of one file. Of one on the network it is kept in the user's cache folder, as long as the object is the same:
   * `onListing` is called where it is listed anew.
   */
  async itemsOf<Item>(
    path: SourcePath,
    format: ListFormat<Item>,
    onListing: () => void = () => {},
  ): Promise<Iterable<Item>> {
    if (!isRemoteFile(path)) return itemsAtOnce(this.window(path), format);
    const kept = keptList(path, format);
    if (kept !== undefined) return kept;
    onListing();
    const file = this.window(path);
    const items = await allItems(file, format);
    if (format.isKept?.(file) !== false) keepList(path, format, items);
    return items;
  }
}

function* itemsAtOnce<Item>(file: ByteWindow, format: ListFormat<Item>): Generator<Item> {
  try {
    for (const item of format.parse(file)) if (!(item instanceof Promise)) yield item;
  } finally {
    file.close();
  }
}

async function allItems<Item>(file: ByteWindow, format: ListFormat<Item>): Promise<Item[]> {
  const all: Item[] = [];
  try {
    for (const item of format.parse(file))
      if (item instanceof Promise) await item;
      else all.push(item);
  } finally {
    file.close();
  }
  return all;
}

/** Shards on the network that are listed at once: each waits for its server most of the time. */
const AT_ONCE = 8;

/**
 * Results of files in their order. Several files on the network are begun at once; local ones, which only keep their thread
 * busy, one after the other.
 */
export async function* inOrder<Result>(
  paths: readonly SourcePath[],
  list: (path: SourcePath, index: number) => Promise<Result>,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = [];
  for (const [index, path] of paths.entries()) {
    const atOnce = isRemoteFile(path) ? AT_ONCE : 1;
    for (let next = begun.length; next < Math.min(index + atOnce, paths.length); next++) {
      const result = list(paths[next] as SourcePath, next);
      // looked at when its turn comes
      result.catch(() => {});
      begun.push(result);
    }
    yield (await begun[index]) as Result;
    delete begun[index];
  }
}
