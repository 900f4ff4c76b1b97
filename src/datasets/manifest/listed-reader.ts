import { DataError } from '../../core/errors.ts';
import type { RemoteFile } from '../../remote/remote-file.ts';
import { RemoteFiles, type RemoteOptions } from '../../remote/remote-files.ts';
import type { Reader } from '../dataset.ts';
import { openReader as openFileReader } from '../folder/file-reader.ts';
import type { FilePath } from '../opening/file-path.ts';
import { type AheadRead, ReadsAhead } from '../pieces/reads-ahead.ts';
import { FoundIdentities } from './found-objects.ts';

export interface ListedReaderOptions {
  /** What is said of an image that is not there. */
  readonly missing: string;
  readonly remote: RemoteOptions;
  /** Of `FoundIdentities`. */
  readonly identities: FoundIdentities['shared'];
}

/** An image on the network that was not looked for yet. */
export interface NamedObject {
  /** In the list. */
  readonly index: number;
  readonly url: string;
}

/** An image that its folder is known not to have. */
export interface MissingObject {
  readonly missing: string;
}

/** Where an image of a list is. */
export type ListedLocator = FilePath | RemoteFile | NamedObject | MissingObject;

type Remote = RemoteFile | NamedObject;

/** Of an image whose length is not known yet: a photograph's. */
const USUAL_BYTES = 2 ** 18;
/** Objects that a thread remembers: 30 MB or less. */
const MAX_KNOWN = 100_000;

export function openReader(options: ListedReaderOptions): Reader {
  const { missing } = options;
  const files = openFileReader({ missing });
  const objects = new Objects(options);
  return {
    read(given) {
      const locator = given as ListedLocator;
      if (isFile(locator)) return files.read(locator);
      if ('missing' in locator) throw missingObject(locator.missing, missing);
      return objects.read(locator);
    },
    prefetch(locators) {
      const isObject = (locator: ListedLocator): locator is Remote =>
        !isFile(locator) && !('missing' in locator);
      objects.prefetch((locators as readonly ListedLocator[]).filter(isObject));
    },
    async close() {
      await files.close();
      await objects.close();
    },
  };
}

const isFile = (locator: ListedLocator): locator is FilePath =>
  typeof locator === 'string' || ArrayBuffer.isView(locator);

export const missingObject = (url: string, missing: string, sample?: string): DataError =>
  new DataError('MISSING_FILE', `${url}: ${missing}`, { sample });

/** Reads whole objects, and looks up those that the list alone names. */
class Objects {
  readonly #options: ListedReaderOptions;
  readonly #identities: FoundIdentities;
  readonly #ahead = new ReadsAhead();
  /** By index: those found last. */
  readonly #known = new Map<number, RemoteFile>();
  #files: RemoteFiles | undefined;

  constructor(options: ListedReaderOptions) {
    this.#options = options;
    this.#identities = new FoundIdentities(options.identities);
  }

  read(locator: Remote): Promise<Buffer> {
    return this.#ahead.read(this.#readOf(locator));
  }

  prefetch(locators: readonly Remote[]): void {
    this.#ahead.prefetch(locators.map((locator) => this.#readOf(locator)));
  }

  async close(): Promise<void> {
    this.#ahead.clear();
    await this.#files?.close();
  }

  #readOf(locator: Remote): AheadRead {
    const file = 'size' in locator ? locator : this.#known.get(locator.index);
    return {
      ...{ key: locator.url, length: file?.size ?? USUAL_BYTES },
      fetch: async () => {
        this.#files ??= new RemoteFiles(this.#options.remote);
        const found = file ?? (await this.#find(this.#files, locator as NamedObject));
        return this.#files.read(found, 0, found.size);
      },
    };
  }

  async #find(files: RemoteFiles, { index, url }: NamedObject): Promise<RemoteFile> {
    const file = await files.findNamed(url).catch((cause: unknown) => {
      const isMissing = cause instanceof DataError && cause.code === 'MISSING_FILE';
      throw isMissing ? missingObject(url, this.#options.missing) : cause;
    });
    this.#identities.claim(index, file);
    this.#known.set(index, file);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN) this.#known.delete(oldest as number);
    return file;
  }
}
