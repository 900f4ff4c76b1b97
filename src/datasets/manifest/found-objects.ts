import { createHash } from 'node:crypto';
import { changedObject } from '../../remote/remote-errors.ts';
import { identityOf, type RemoteFile } from '../../remote/remote-file.ts';

/**
 * Which object each image of a list was when it was first found, by whichever thread: 8 bytes of a hash each, in memory that all
 * threads share. Whoever finds another one later has found data that changed.
 */
export class FoundIdentities {
  /** Plain data, for readers. */
  readonly shared: SharedArrayBuffer;
  readonly #hashes: BigInt64Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#hashes = new BigInt64Array(shared);
  }

  static of(length: number): FoundIdentities {
    return new FoundIdentities(new SharedArrayBuffer(8 * length));
  }

  /** Throws a BackendError CHANGED_DATA where the image was another object before. */
  claim(index: number, file: RemoteFile): void {
    // 0 is an image that was not found yet
    const hash = createHash('sha256').update(identityOf(file)).digest().readBigInt64LE(0) | 1n;
    const before = Atomics.compareExchange(this.#hashes, index, 0n, hash);
    if (before !== 0n && before !== hash)
      throw changedObject(file, 'its size, its ETag or its date is another than when it was found first');
  }
}

/** Sizes and ETags of images by index: of millions, less than their addresses take. */
export class FoundObjects {
  readonly #sizes: Float64Array;
  /** An ETag, or after a space a date. */
  readonly #tags: (string | undefined)[] = [];

  constructor(length: number) {
    this.#sizes = new Float64Array(length).fill(-1);
  }

  set(index: number, { size, etag, lastModified }: RemoteFile): void {
    this.#sizes[index] = size;
    this.#tags[index] = etag ?? (lastModified === undefined ? undefined : ` ${lastModified}`);
  }

  get(index: number, url: string): RemoteFile | undefined {
    const size = this.#sizes[index] as number;
    if (size === -1) return undefined;
    const tag = this.#tags[index];
    if (tag === undefined) return { url, size };
    return tag.startsWith(' ') ? { url, size, lastModified: tag.slice(1) } : { url, size, etag: tag };
  }
}
