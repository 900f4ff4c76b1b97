/** Numbers in a chunk: so few that neighbours are alike, so many that what a chunk itself takes does not count. */
const CHUNK = 2 ** 12;

/** Of chunks as bytes: `base` as f64, bytes per distance and count of the distances as u32. */
const HEAD_BYTES = 16;

/** Distances of numbers from `base`; none where all are that. */
interface Chunk {
  readonly base: number;
  readonly distances: Distances;
}

type Distances = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/**
 * Safe integers, one after the other, for millions of samples. Of 4096 neighbours the least is kept, and of each number its
 * distance from that, in as few bytes as the farthest needs: 0, 1, 2, 4 or 8. A list of numbers would take 8 each, and twice that
 * while it grows.
 */
export class NumberColumn {
  readonly #chunks: Chunk[] = [];
  /** Numbers of the last chunk, while it is not full. */
  #open: number[] = [];
  #length = 0;

  static from(numbers: Iterable<number>): NumberColumn {
    const column = new NumberColumn();
    for (const number of numbers) column.push(number);
    return column;
  }

  /** A column of the bytes that `toBytes` gave. They are not copied, and begin at a multiple of 8 in their memory. */
  static of(bytes: Buffer, length: number): NumberColumn {
    const column = new NumberColumn();
    for (let at = 0; at < bytes.length; ) {
      const [base, width, count] = [
        bytes.readDoubleLE(at),
        bytes.readUInt32LE(at + 8),
        bytes.readUInt32LE(at + 12),
      ];
      const distances = new (arrayOf(width))(
        bytes.buffer as ArrayBuffer,
        bytes.byteOffset + at + HEAD_BYTES,
        count,
      );
      column.#chunks.push({ base, distances });
      at += HEAD_BYTES + aligned(distances.byteLength);
    }
    column.#length = length;
    return column;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    this.#length++;
    if (this.#open.push(value) === CHUNK) this.finish();
  }

  /** The last numbers take as little room as the others. None may follow, unless they filled a chunk. */
  finish(): void {
    if (this.#open.length > 0) this.#chunks.push(packed(this.#open));
    this.#open = [];
  }

  at(index: number): number {
    const chunk = this.#chunks[Math.floor(index / CHUNK)];
    if (chunk === undefined) return this.#open[index % CHUNK] as number;
    const { base, distances } = chunk;
    return distances.length === 0 ? base : base + (distances[index % CHUNK] as number);
  }

  find(isWanted: (value: number) => boolean): number | undefined {
    for (let index = 0; index < this.length; index++) if (isWanted(this.at(index))) return this.at(index);
    return undefined;
  }

  get sum(): number {
    let sum = 0;
    for (let index = 0; index < this.length; index++) sum += this.at(index);
    return sum;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  /** How many bytes `toBytes` gives, when the column is finished: a multiple of 8. */
  get byteLength(): number {
    return this.#chunks.reduce((sum, { distances }) => sum + HEAD_BYTES + aligned(distances.byteLength), 0);
  }

  /** The finished column as bytes, in pieces. */
  *toBytes(): Generator<Buffer> {
    for (const { base, distances } of this.#chunks) {
      const { buffer, byteOffset, byteLength, length, BYTES_PER_ELEMENT } = distances;
      const bytes = Buffer.alloc(HEAD_BYTES + aligned(byteLength));
      bytes.writeDoubleLE(base, 0);
      bytes.writeUInt32LE(BYTES_PER_ELEMENT, 8);
      bytes.writeUInt32LE(length, 12);
      bytes.set(new Uint8Array(buffer, byteOffset, byteLength), HEAD_BYTES);
      yield bytes;
    }
  }
}

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

function packed(numbers: readonly number[]): Chunk {
  let [base, highest] = [numbers[0] as number, numbers[0] as number];
  for (const number of numbers) {
    if (number < base) base = number;
    if (number > highest) highest = number;
  }
  const distances = new (arrayOf(bytesFor(highest - base)))(highest === base ? 0 : numbers.length);
  for (let place = 0; place < distances.length; place++) distances[place] = (numbers[place] as number) - base;
  return { base, distances };
}

function bytesFor(distance: number): number {
  if (distance < 2 ** 8) return 1;
  if (distance < 2 ** 16) return 2;
  return distance < 2 ** 32 ? 4 : 8;
}

function arrayOf(width: number) {
  if (width === 1) return Uint8Array;
  if (width === 2) return Uint16Array;
  return width === 4 ? Uint32Array : Float64Array;
}
