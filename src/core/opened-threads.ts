/**
 * Shared memory in which threads say that they have opened what they need. One that is terminated while it loads a native
 * addon would end the whole process.
 */
export class OpenedThreads {
  readonly buffer: SharedArrayBuffer;
  /** How many have opened, then their ids: the latest overwrite the earliest, which ended long ago. */
  readonly #fields: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#fields = new Int32Array(buffer);
  }

  /** @param threads how many there are at a time */
  static allocate(threads: number): OpenedThreads {
    // threads that die are replaced, and their ids are others
    return new OpenedThreads(new SharedArrayBuffer((1 + 4 * threads) * Int32Array.BYTES_PER_ELEMENT));
  }

  add(threadId: number): void {
    const count = Atomics.add(this.#fields, 0, 1);
    Atomics.store(this.#fields, 1 + (count % (this.#fields.length - 1)), threadId);
  }

  has(threadId: number): boolean {
    // thread ids begin at 1: no field that is empty looks like one
    return this.#fields.subarray(1).some((_, i) => Atomics.load(this.#fields, 1 + i) === threadId);
  }
}
