/** More than an ordinary photograph needs. */
const MOST_KEPT_BYTES = 64 * 2 ** 20;

/** Memory that each call on this thread uses again. What a giant image needed is not kept. Content is undefined. */
export class Scratch {
  #kept = new ArrayBuffer(0);

  atLeast(bytes: number): ArrayBuffer {
    if (this.#kept.byteLength >= bytes) return this.#kept;
    // sizes that creep up would otherwise take new memory each time
    const memory = new ArrayBuffer(Math.ceil((bytes * 1.25) / 8) * 8);
    if (memory.byteLength <= MOST_KEPT_BYTES) this.#kept = memory;
    return memory;
  }
}
