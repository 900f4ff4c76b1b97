/** Counts the slots of a fixed ring of batch memory: which are free. */
export class SlotRing {
  readonly length: number;
  readonly #free: number[];
  #wake: () => void = () => {};

  constructor(length: number) {
    this.length = length;
    this.#free = Array.from({ length }, (_, slot) => slot);
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
