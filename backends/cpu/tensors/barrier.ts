/** Words of a barrier in shared memory, each in a cache line of its own. */
const ARRIVED = 0;
const GENERATION = 16;
const SLEEPERS = 32;
const BROKEN = 48;
export const BARRIER_BYTES = 256;

// a wait on a core of its own lasts some microseconds; to wake up takes some ten
const SPINS = 50_000;

/**
 * Where threads wait for each other between two calls. In JavaScript: the baseline compiler of Node 20 gets atomic instructions
 * of WebAssembly wrong.
 */
export class Barrier {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** Returns when so many threads are here: true; or false where one is gone. */
  wait(threads: number): boolean {
    if (threads === 1) return true;
    const words = this.#words;
    const generation = Atomics.load(words, GENERATION);
    if (Atomics.add(words, ARRIVED, 1) === threads - 1) {
      Atomics.store(words, ARRIVED, 0);
      this.#release(generation);
      return Atomics.load(words, BROKEN) === 0;
    }
    for (let spin = 0; spin < SPINS; spin++)
      if (Atomics.load(words, GENERATION) !== generation) return Atomics.load(words, BROKEN) === 0;
    Atomics.add(words, SLEEPERS, 1);
    while (Atomics.load(words, GENERATION) === generation && Atomics.load(words, BROKEN) === 0)
      Atomics.wait(words, GENERATION, generation);
    Atomics.sub(words, SLEEPERS, 1);
    return Atomics.load(words, BROKEN) === 0;
  }

  /** Lets all go for good: a thread is lost. */
  break(): void {
    Atomics.store(this.#words, BROKEN, 1);
    this.#release(Atomics.load(this.#words, GENERATION));
  }

  #release(generation: number): void {
    Atomics.store(this.#words, GENERATION, generation + 1);
    if (Atomics.load(this.#words, SLEEPERS) > 0) Atomics.notify(this.#words, GENERATION);
  }
}
