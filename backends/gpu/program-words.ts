/** The words of a batch's program: grows as it is written. */
export class ProgramWords {
  #words = new Uint32Array(1 << 14);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  /** Room for `count` words, of which each is to be written; returns the index of the first. */
  reserve(count: number): number {
    const at = this.#length;
    this.#length = at + count;
    this.#words = withRoom(this.#words, this.#length);
    return at;
  }

  get(at: number): number {
    return this.#words[at] as number;
  }

  /** Adds to a word, modulo 2^32. */
  add(at: number, value: number): void {
    this.#words[at] = (this.#words[at] as number) + value;
  }

  /** Writes numbers, of which only the low 32 bits count. */
  set(at: number, values: ArrayLike<number>): void {
    this.#words.set(values, at);
  }

  /** Writes a number, of which only the low 32 bits count. */
  setWord(at: number, value: number): void {
    this.#words[at] = value;
  }

  fill(at: number, count: number, value: number): void {
    this.#words.fill(value, at, at + count);
  }

  /** The index of the first of these words, which are put at the end. */
  append(values: ArrayLike<number>): number {
    const at = this.reserve(values.length);
    this.set(at, values);
    return at;
  }

  get written(): Uint32Array {
    return this.#words.subarray(0, this.#length);
  }
}

/** The same words, or a copy of twice their length or more where there are fewer than `length`. */
export function withRoom(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (length <= words.length) return words;
  const larger = new Uint32Array(Math.max(length, 2 * words.length));
  larger.set(words);
  return larger;
}
