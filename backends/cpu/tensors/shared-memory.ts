import { BackendError } from '../../../src/core/errors.ts';
import { mebibytes } from '../../../src/core/mebibytes.ts';

const PAGE_BYTES = 65_536;
/** Addresses are multiples of a cache line, so that no two threads write to the same. */
const ALIGNMENT = 64;
export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
/** All that 32-bit addresses reach, but for the last page: kernels compute addresses behind a tensor, and 2^32 would be 0. */
export const MOST_BYTES = 65_535 * PAGE_BYTES;

/**
 * The WebAssembly memory that threads share. It can grow but not shrink, and nothing in it is freed. A module's constants lie in
 * its first page, where every new instance writes them again.
 */
export class SharedMemory {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_BYTES / PAGE_BYTES, shared: true });
  #end = PAGE_BYTES;

  /** Room for so many bytes each, all zero: for all or for none. */
  reserveAll(sizes: readonly number[]): number[] {
    const addresses: number[] = [];
    let end = this.#end;
    for (const bytes of sizes) {
      addresses.push(end);
      end += aligned(bytes);
    }
    this.#growTo(end);
    this.#end = end;
    return addresses;
  }

  reserve(bytes: number): number {
    return this.reserveAll([bytes])[0] as number;
  }

  get bytesHeld(): number {
    return this.memory.buffer.byteLength;
  }

  // growing leaves older views as short as they were: each use makes its own
  bytes(address: number, length: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.memory.buffer as unknown as SharedArrayBuffer, address, length);
  }

  words(address: number, length: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.memory.buffer as unknown as SharedArrayBuffer, address, length);
  }

  floats(address: number, length: number): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.memory.buffer as unknown as SharedArrayBuffer, address, length);
  }

  #growTo(bytes: number): void {
    const missing = bytes - this.bytesHeld;
    if (missing <= 0) return;
    try {
      this.memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch (cause) {
      const message = `cpu: cannot get ${mebibytes(missing)} more than the ${mebibytes(this.bytesHeld)} held`;
      throw new BackendError('OUT_OF_MEMORY', message, { cause });
    }
  }
}
