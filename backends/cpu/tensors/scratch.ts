import type { SharedMemory } from './shared-memory.ts';

/** Scratch memory of each thread, as much as the call needs that needs most. */
export class Scratch {
  readonly #memory: SharedMemory;
  readonly #threads: number;
  #bytes = 0;
  addresses: readonly number[] = [];

  constructor(memory: SharedMemory, threads: number) {
    this.#memory = memory;
    this.#threads = threads;
  }

  provide(bytes: number): void {
    if (bytes <= this.#bytes) return;
    // twice as much as last time at least: what is too small is lost
    const more = Math.max(bytes, 2 * this.#bytes, 1 << 18);
    this.addresses = this.#memory.reserveAll(Array.from({ length: this.#threads }, () => more));
    this.#bytes = more;
  }
}
