/** A fixed ring of batch memory: shared buffers that threads write and the consumer reads, one batch each. */
export class SlotRing {
  readonly buffers: readonly SharedArrayBuffer[];
  readonly #free: number[];
  #wake: () => void = () => {};

  constructor(slots: number, bytes: number) {
    this.buffers = Array.from({ length: slots }, () => new SharedArrayBuffer(bytes));
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
