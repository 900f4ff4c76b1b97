import { NumberColumn } from './number-column.ts';

const CHUNK = 2 ** 20;

/**
 * Texts, one after the other, for millions of samples: their UTF-8 bytes and 4 more each, where a list of strings takes about 40 and
 * the bytes.
 */
export class TextColumn {
  readonly #chunks: Buffer[] = [];
  /** Where each ends in the chunks, as if they were one. None is cut in two: one that does not fit begins the next chunk. */
  readonly #ends = new NumberColumn();
  /** Texts that are longer than a chunk, or no Unicode, which bytes would not give back. */
  readonly #others = new Map<number, string>();
  #end = 0;

  get length(): number {
    return this.#ends.length;
  }

  push(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > CHUNK || /\p{Surrogate}/u.test(text)) this.#others.set(this.length, text);
    else if (bytes > 0) {
      const room = this.#chunks.length * CHUNK - this.#end;
      if (bytes > room) {
        this.#end = this.#chunks.length * CHUNK;
        this.#chunks.push(Buffer.allocUnsafeSlow(CHUNK));
      }
      this.#chunks.at(-1)?.write(text, this.#end % CHUNK);
      this.#end += bytes;
    }
    this.#ends.push(this.#end);
  }

  at(index: number): string {
    const other = this.#others.get(index);
    if (other !== undefined) return other;
    const end = this.#ends.at(index);
    const before = index === 0 ? 0 : this.#ends.at(index - 1);
    if (before === end) return '';
    const chunk = Math.floor((end - 1) / CHUNK);
    const start = Math.max(before, chunk * CHUNK);
    return (this.#chunks[chunk] as Buffer).toString('utf8', start - chunk * CHUNK, end - chunk * CHUNK);
  }
}
