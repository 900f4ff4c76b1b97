import { BackendError } from '../../src/core/errors.ts';

/** Room in WASM memory. */
export interface MemoryBlock {
  readonly address: number;
  readonly bytes: number;
}

const PAGE_BYTES = 65_536;
/** Kernels may read and write this far past the end of an image (kernels/kernel.ts). */
const SLACK_BYTES = 64;

/**
 * Hands out blocks of a WASM memory, which can grow but not shrink. Growing detaches all views: `view`
 * makes them anew.
 */
export class WasmMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #free: MemoryBlock[] = [];
  #end: number;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    // the module's constants lie in the pages that it starts with
    this.#end = memory.buffer.byteLength;
  }

  /** `block`, or where it is too small a larger one in its place, whose content is undefined. */
  atLeast(bytes: number, block: MemoryBlock | undefined): MemoryBlock {
    if (block !== undefined && block.bytes >= bytes) return block;
    if (block !== undefined) this.#free.push(block);
    // sizes that creep up would otherwise leave a trail of blocks that are each a little too small
    return this.#take(bytes) ?? this.#append(block === undefined ? bytes : Math.ceil(bytes * 1.25));
  }

  /** The bytes themselves, until the memory grows. A Buffer, since decoders take nothing else. */
  view(address: number, bytes: number): Buffer {
    return Buffer.from(this.#memory.buffer, address, bytes);
  }

  write(address: number, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
    this.view(address, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
  }

  copy(source: number, target: number, bytes: number): void {
    this.view(target, bytes).set(this.view(source, bytes));
  }

  get bytesHeld(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The smallest free block that is large enough. */
  #take(bytes: number): MemoryBlock | undefined {
    let best = -1;
    for (const [i, block] of this.#free.entries()) {
      const smallest = this.#free[best]?.bytes ?? Number.POSITIVE_INFINITY;
      if (block.bytes >= bytes && block.bytes < smallest) best = i;
    }
    return best < 0 ? undefined : this.#free.splice(best, 1)[0];
  }

  #append(bytes: number): MemoryBlock {
    const block = { address: this.#end, bytes };
    const end = aligned(this.#end + bytes + SLACK_BYTES);
    this.#growTo(end);
    this.#end = end;
    return block;
  }

  #growTo(bytes: number): void {
    const missing = bytes - this.bytesHeld;
    if (missing <= 0) return;
    try {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch (cause) {
      const message = `cpu: cannot get ${missing} bytes more than the ${this.bytesHeld} held; are images this large?`;
      throw new BackendError('OUT_OF_MEMORY', message, { cause });
    }
  }
}

/** Addresses of images and tables are multiples of 16. */
export const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16;
