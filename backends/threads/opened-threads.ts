/**
 * Shared memory in which threads say that they have opened what they need. One that is terminated while it loads a native
 * addon would end the whole process.
 */
export class OpenedThreads {
  readonly buffer: SharedArrayBuffer;
  /** Ids of threads; 0, which is none's, where there is room. */
  readonly #ids: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#ids = new Int32Array(buffer);
  }

  /** @param threads how many there are at a time */
  static allocate(threads: number): OpenedThreads {
    // beside them others that have ended, and have not been taken out yet
    return new OpenedThreads(new SharedArrayBuffer(4 * threads * Int32Array.BYTES_PER_ELEMENT));
  }

  add(threadId: number): void {
    this.#replace(0, threadId);
  }

  /** The thread has ended: its place is another's. */
  delete(threadId: number): void {
    this.#replace(threadId, 0);
  }

  has(threadId: number): boolean {
    return this.#ids.some((_, i) => Atomics.load(this.#ids, i) === threadId);
  }

  /** In the first place that has it. */
  #replace(before: number, after: number): void {
    this.#ids.some((_, i) => Atomics.compareExchange(this.#ids, i, before, after) === before);
  }
}
