/** Numbers in a chunk: so few that neighbours are alike, so many that what a chunk itself takes does not count. */
const CHUNK = 2 ** 12;

/** Distances of numbers from `base`; empty where all are that. */
interface Chunk {
  readonly base: number;
  readonly distances: Uint8Array | Uint16Array | Uint32Array | Float64Array;
}

/**
 * Safe integers, one after the other, for millions of samples. Of 4096 neighbours the least is kept, and of each number its
 * distance from that, in as few bytes as the farthest needs: 0, 1, 2, 4 or 8. A list of numbers would take 8 each, and twice that
 * while it grows.
 */
export class NumberColumn {
  readonly #chunks: Chunk[] = [];
  /** Numbers of the last chunk, while it is not full. */
  #open: number[] = [];

  static from(numbers: Iterable<number>): NumberColumn {
    const column = new NumberColumn();
    for (const number of numbers) column.push(number);
    return column;
  }

  get length(): number {
    return this.#chunks.length * CHUNK + this.#open.length;
  }

  push(value: number): void {
    if (this.#open.push(value) < CHUNK) return;
    this.#chunks.push(packed(this.#open));
    this.#open = [];
  }

  at(index: number): number {
    const chunk = this.#chunks[Math.floor(index / CHUNK)];
    if (chunk === undefined) return this.#open[index % CHUNK] as number;
    const { base, distances } = chunk;
    return distances.length === 0 ? base : base + (distances[index % CHUNK] as number);
  }

  *[Symbol.iterator](): Generator<number> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }
}

function packed(numbers: readonly number[]): Chunk {
  let [base, highest] = [numbers[0] as number, numbers[0] as number];
  for (const number of numbers) {
    if (number < base) base = number;
    if (number > highest) highest = number;
  }
  const distances = new (arrayFor(highest - base))(highest === base ? 0 : numbers.length);
  for (let place = 0; place < distances.length; place++) distances[place] = (numbers[place] as number) - base;
  return { base, distances };
}

function arrayFor(farthest: number) {
  if (farthest < 2 ** 8) return Uint8Array;
  if (farthest < 2 ** 16) return Uint16Array;
  return farthest < 2 ** 32 ? Uint32Array : Float64Array;
}
