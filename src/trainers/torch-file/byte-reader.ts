import { damaged } from './damaged.ts';

const NEWLINE = 0x0a;

/** Reads numbers and texts one after the other, and never beyond the end. Little-endian, but for `f64`. */
export class ByteReader {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Of what the bytes are, for errors. */
  readonly #what: string;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  u8 = (): number => this.#view.getUint8(this.#advance(1));
  u16 = (): number => this.#view.getUint16(this.#advance(2), true);
  u32 = (): number => this.#view.getUint32(this.#advance(4), true);
  i32 = (): number => this.#view.getInt32(this.#advance(4), true);
  /** Of numbers beyond 2^53 only the size is right: no place in a file is so far away. */
  u64 = (): number => Number(this.#view.getBigUint64(this.#advance(8), true));
  f64 = (): number => this.#view.getFloat64(this.#advance(8));

  /** The next bytes, not copied. */
  bytes(count: number): Uint8Array {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  text = (count: number): string => Buffer.from(this.bytes(count)).toString();

  /** The text before the next end of a line, which is passed too. */
  line(): string {
    const end = this.#bytes.indexOf(NEWLINE, this.position);
    if (end < 0) throw damaged(`${this.#what}: a line without its end`);
    const text = this.text(end - this.position);
    this.position++;
    return text;
  }

  #advance(count: number): number {
    const start = this.position;
    const end = start + count;
    if (!(start >= 0 && end <= this.#bytes.length))
      throw damaged(`${this.#what}: ends at byte ${this.#bytes.length}, expected ${count} bytes at ${start}`);
    this.position = end;
    return start;
  }
}
