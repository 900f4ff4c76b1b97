/** Of samples that a thread is about to read: more is asked for only when it is read. */
const MAX_AHEAD_BYTES = 64 * 2 ** 20;

/** A read of something on the network. */
export interface AheadRead {
  /** The same for the same bytes. */
  readonly key: string;
  /** In bytes; where that is not known yet, about as many as it may be. */
  readonly length: number;
  fetch(): Promise<Buffer>;
}

/** A read that is under way. */
interface Expected {
  readonly bytes: Promise<Buffer>;
  readonly length: number;
  /** Reads that are to come. */
  wanted: number;
  /** The call of `prefetch` that named it last. */
  round: number;
}

/** What was asked for in advance, until it is read, or the call after the next names other reads. */
export class ReadsAhead {
  readonly #expected = new Map<string, Expected>();
  #bytes = 0;
  #round = 0;

  read({ key, fetch }: AheadRead): Promise<Buffer> {
    const expected = this.#expected.get(key);
    if (expected === undefined) return fetch();
    if (--expected.wanted === 0) this.#drop(key, expected);
    return expected.bytes;
  }

  prefetch(reads: readonly AheadRead[]): void {
    this.#round++;
    // a row that was replaced, or whose thread was lost, is never read
    for (const [key, expected] of this.#expected)
      if (expected.round < this.#round - 1) this.#drop(key, expected);
    for (const read of reads) this.#expect(read);
  }

  clear(): void {
    this.#expected.clear();
  }

  #expect({ key, length, fetch }: AheadRead): void {
    const expected = this.#expected.get(key);
    if (expected !== undefined) {
      expected.wanted++;
      expected.round = this.#round;
      return;
    }
    if (this.#bytes + length > MAX_AHEAD_BYTES) return;
    const bytes = fetch();
    // it fails where it is read
    bytes.catch(() => {});
    this.#expected.set(key, { bytes, length, wanted: 1, round: this.#round });
    this.#bytes += length;
  }

  #drop(key: string, { length }: Expected): void {
    this.#expected.delete(key);
    this.#bytes -= length;
  }
}
