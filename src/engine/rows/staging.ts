import { BackendError } from '../../core/errors.ts';

/** The most that a batch's images may take: what V8 lets one buffer hold. */
const MOST_BYTES = 2 ** 32;
const FIRST_BYTES = 2 ** 20;
/** The first bytes hold how much is reserved, in units of 16 bytes, which an i32 can count. */
const UNIT = 16;

/**
 * Shared memory in which threads put a batch's decoded images and their plans, one behind the other in no particular order. It grows to
 * the largest batch.
 */
export class Staging {
  readonly buffer: SharedArrayBuffer;
  readonly #reserved: Int32Array;

  /** @param buffer made by `allocateStaging`, perhaps on another thread; it is to be cleared before its first batch */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#reserved = new Int32Array(buffer, 0, 1);
  }

  /** Room for so many bytes, which other threads do not get. */
  reserve(bytes: number): { readonly at: number; readonly bytes: Buffer } {
    const units = Math.ceil(bytes / UNIT);
    const at = Atomics.add(this.#reserved, 0, units) * UNIT;
    this.#growTo(at + bytes);
    return { at, bytes: Buffer.from(this.buffer, at, bytes) };
  }

  view(at: number, bytes: number): Uint8Array {
    return new Uint8Array(this.buffer, at, bytes);
  }

  /** A copy, in memory of its own. */
  words(at: number, count: number): Uint32Array {
    return new Uint32Array(this.buffer, at, count).slice();
  }

  clear(): void {
    Atomics.store(this.#reserved, 0, 1);
  }

  #growTo(bytes: number): void {
    if (bytes > MOST_BYTES) {
      const message = `gpu: the images of a batch take more than ${MOST_BYTES / 2 ** 30} GiB: lower batchSize`;
      throw new BackendError('OUT_OF_MEMORY', message);
    }
    const { byteLength } = this.buffer;
    if (byteLength >= bytes) return;
    try {
      this.buffer.grow(Math.min(MOST_BYTES, Math.max(bytes, byteLength * 1.5)));
    } catch (cause) {
      // another thread may have made it larger than this one wanted to
      if (this.buffer.byteLength >= bytes) return;
      throw new BackendError(
        'OUT_OF_MEMORY',
        `gpu: no memory for ${bytes} bytes of images: lower batchSize`,
        { cause },
      );
    }
  }
}

/** Memory is taken as it is used; until then these are only addresses. */
export function allocateStaging(): SharedArrayBuffer {
  return new SharedArrayBuffer(FIRST_BYTES, { maxByteLength: MOST_BYTES });
}
