import { BackendError } from '../core/errors.ts';

/** A fixed ring of batch memory: shared buffers that threads write and the consumer reads, one batch each. */
export class SlotRing {
  readonly buffers: readonly SharedArrayBuffer[];
  readonly #free: number[];
  #wake: () => void = () => {};

  constructor(slots: number, bytes: number) {
    this.buffers = Array.from({ length: slots }, () => allocate(bytes, slots));
    this.#free = this.buffers.map((_, slot) => slot);
  }

  /** A free slot, or undefined where all are in use. */
  take(): number | undefined {
    return this.#free.shift();
  }

  give(slot: number): void {
    this.#free.push(slot);
    this.#wake();
  }

  /** Called whenever a slot becomes free. */
  onFree(wake: () => void): void {
    this.#wake = wake;
  }
}

function allocate(bytes: number, slots: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    const size = `${slots} batches of ${(bytes / 2 ** 20).toFixed(0)} MiB`;
    const message = `no memory for ${size}: lower batchSize, prefetch or the size of the images`;
    throw new BackendError('OUT_OF_MEMORY', message, { cause });
  }
}
