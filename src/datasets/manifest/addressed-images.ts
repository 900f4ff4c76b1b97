import { DataError } from '../../core/errors.ts';
import { isRemote, type RemoteFile } from '../../remote/remote-file.ts';
import type { RemoteOptions } from '../../remote/remote-files.ts';
import type { SamplePlace } from '../dataset.ts';
import type { RemoteFinder } from '../opening/remote-finder.ts';
import { FoundIdentities, FoundObjects } from './found-objects.ts';
import { addressIn } from './image-address.ts';
import type { ListedKeys } from './list-manifest.ts';
import { folderImages, type ListedImages, missing } from './listed-images.ts';
import { type ListedLocator, type ListedReaderOptions, missingObject } from './listed-reader.ts';

export interface AddressedOptions {
  /** The folder of images: its address, or on the disk, where addresses stand in the list. */
  readonly root: string;
  readonly keys: ListedKeys;
  /** All objects in the root, where that can be listed. */
  readonly objects: readonly RemoteFile[] | undefined;
  readonly finder: RemoteFinder;
  readonly remote: RemoteOptions;
  /** Says that many objects are looked up. */
  tellOf(count: number): void;
}

/**
 * Images of which each is an object on the network, or a file where a list on the disk names addresses and paths. Objects in a
 * folder that can be listed are known from the start; others are looked up when they are read, or their length is asked for.
 */
export function addressedImages(options: AddressedOptions): ListedImages {
  const images = new AddressedImages(options);
  return {
    isThere: (index) => images.isThere(index),
    source: {
      locator: (index) => images.locator(index),
      place: (index) => images.place(index),
      byteLength: (index) => images.byteLength(index),
      reader: {
        module: new URL('./listed-reader.js', import.meta.url).href,
        options: {
          ...{ missing, remote: options.remote, identities: images.identities.shared },
        } satisfies ListedReaderOptions,
      },
    },
  };
}

class AddressedImages {
  readonly identities: FoundIdentities;
  readonly #options: AddressedOptions;
  readonly #files: ListedImages;
  readonly #found: FoundObjects;
  #isTold = false;

  constructor(options: AddressedOptions) {
    const { root, keys, objects } = options;
    this.#options = options;
    this.#files = folderImages(root, keys);
    this.#found = new FoundObjects(keys.length);
    this.identities = FoundIdentities.of(keys.length);
    if (objects === undefined) return;
    const byAddress = new Map(objects.map((file) => [file.url, file]));
    for (let index = 0; index < keys.length; index++) {
      const file = byAddress.get(this.#address(index));
      if (file !== undefined) this.#found.set(index, file);
    }
  }

  async isThere(index: number): Promise<boolean> {
    if (this.#isFile(index)) return this.#files.isThere(index);
    try {
      await this.#find(index);
      return true;
    } catch (cause) {
      if (cause instanceof DataError) return false;
      throw cause;
    }
  }

  locator(index: number): ListedLocator {
    if (this.#isFile(index)) return this.#files.source.locator(index) as ListedLocator;
    const url = this.#address(index);
    return this.#found.get(index, url) ?? (this.#isMissing(url) ? { missing: url } : { index, url });
  }

  place(index: number): SamplePlace {
    const path = this.#address(index);
    return (this.#isFile(index) ? this.#files.source.place?.(index) : undefined) ?? { path };
  }

  async byteLength(index: number): Promise<number> {
    if (this.#isFile(index)) return this.#files.source.byteLength(index);
    const { keys, objects, tellOf } = this.#options;
    if (!this.#isTold && objects === undefined) tellOf(keys.length);
    this.#isTold = true;
    return (await this.#find(index)).size;
  }

  async #find(index: number): Promise<RemoteFile> {
    const url = this.#address(index);
    const known = this.#found.get(index, url);
    if (known !== undefined) return known;
    if (this.#isMissing(url)) throw this.#missingAt(index, url);
    const file = await this.#options.finder.find(url).catch((cause: unknown) => {
      const isMissing = cause instanceof DataError && cause.code === 'MISSING_FILE';
      throw isMissing ? this.#missingAt(index, url) : cause;
    });
    this.identities.claim(index, file);
    this.#found.set(index, file);
    return file;
  }

  /** A path on the disk. */
  #isFile(index: number): boolean {
    return !isRemote(this.#options.root) && !isRemote(this.#options.keys.at(index));
  }

  #address(index: number): string {
    return addressIn(this.#options.root, this.#options.keys.at(index));
  }

  /** Of an image that is not known yet: whether it would be, if it were there. */
  #isMissing(url: string): boolean {
    const { root, objects } = this.#options;
    return objects !== undefined && url.startsWith(`${root}/`);
  }

  #missingAt(index: number, url: string): DataError {
    return missingObject(url, missing, this.#options.keys.at(index));
  }
}
