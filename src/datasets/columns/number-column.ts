/** Numbers in a chunk. */
const CHUNK = 2 ** 16;

/**
 * Integers of 0 or more, one after the other, for millions of samples: 4 bytes each where they are below 2^32, as nearly all are, else 8
 * in their chunk. A list of numbers would take 8, and twice that while it grows.
 */
export class NumberColumn {
  readonly #chunks: (Uint32Array | Float64Array)[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const place = this.#length++ % CHUNK;
    if (place === 0) this.#chunks.push(new Uint32Array(CHUNK));
    const last = this.#chunks.length - 1;
    if (value >= 2 ** 32 && this.#chunks[last] instanceof Uint32Array)
      this.#chunks[last] = Float64Array.from(this.#chunks[last]);
    (this.#chunks[last] as Uint32Array)[place] = value;
  }

  at(index: number): number {
    return (this.#chunks[Math.floor(index / CHUNK)] as Uint32Array)[index % CHUNK] as number;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let index = 0; index < this.#length; index++) yield this.at(index);
  }
}
