import { NumberColumn } from './number-column.ts';

const CHUNK = 2 ** 20;
/** Of so many texts the first is written whole: to find one, those before it in its block are read. */
const BLOCK = 16;
/** Longer texts are kept as they are. */
const MAX_BYTES = 2 ** 10;
const MAX_TEXT_BYTES = 3 * 2 + 2 * MAX_BYTES;
const MAX_BLOCK_BYTES = BLOCK * MAX_TEXT_BYTES;
/** What a chunk begins with and doubles: most datasets have few samples, and many are opened in a row. */
const FIRST_BYTES = 2 ** 12;

/** What a column of texts is made of. */
export interface TextParts {
  readonly length: number;
  readonly others: readonly (readonly [index: number, text: string])[];
  readonly starts: NumberColumn;
  /** Pieces that follow one another. */
  readonly bytes: readonly Buffer[];
}

/**
 * Texts, one after the other, for millions of samples. Of each those bytes (UTF-8) are kept in which it differs from the one before,
 * between what both begin with and what both end in: `cat/000017.jpg` takes 4 bytes after `cat/000016.jpg`, where a list of strings
 * takes about 50. Two digits take one byte. Finding a text takes about a microsecond; the one that follows, a fraction of that.
 */
export class TextColumn {
  readonly #chunks: Buffer[] = [];
  /** Where each block begins in the chunks, as if they were one. None is cut in two. */
  #starts = new NumberColumn();
  /** Texts that are too long, or no Unicode, which bytes would not give back. */
  #others = new Map<number, string>();
  #length = 0;
  /** In the last chunk. */
  #end = CHUNK;
  #last = bytesOfText();
  #next = bytesOfText();
  /** The text that was found last, its index, and where the next one begins. */
  readonly #found = bytesOfText();
  #foundIndex = -1;
  #position = 0;

  /** The column of these parts, of which the bytes are in one piece now, which is not copied. */
  static of({ length, others, starts, bytes: [bytes = Buffer.alloc(0)] }: TextParts): TextColumn {
    const column = new TextColumn();
    column.#length = length;
    column.#others = new Map(others);
    column.#starts = starts;
    for (let at = 0; at < bytes.length; at += CHUNK) column.#chunks.push(bytes.subarray(at, at + CHUNK));
    return column;
  }

  get length(): number {
    return this.#length;
  }

  push(text: string): void {
    if (this.#length % BLOCK === 0) this.#beginBlock();
    const isKept = this.#encode(text);
    if (!isKept) this.#others.set(this.#length, text);
    this.#append();
    [this.#last, this.#next] = [this.#next, this.#last];
    this.#length++;
  }

  at(index: number): string {
    const other = this.#others.get(index);
    if (other !== undefined) return other;
    if (index !== this.#foundIndex) this.#find(index);
    return this.#found.bytes.toString('utf8', 0, this.#found.length);
  }

  *[Symbol.iterator](): Generator<string> {
    for (let index = 0; index < this.#length; index++) yield this.at(index);
  }

  /** Gives back what room is left. No text may follow. */
  finish(): void {
    const last = this.#chunks.pop();
    if (last !== undefined) this.#chunks.push(Buffer.from(last.subarray(0, this.#end)));
    this.#starts.finish();
  }

  /** The finished column's. */
  parts(): TextParts {
    return { length: this.#length, others: [...this.#others], starts: this.#starts, bytes: this.#chunks };
  }

  #beginBlock(): void {
    if (CHUNK - this.#end < MAX_BLOCK_BYTES) {
      this.#chunks.push(Buffer.alloc(FIRST_BYTES));
      this.#end = 0;
    }
    this.#starts.push((this.#chunks.length - 1) * CHUNK + this.#end);
    this.#last.length = 0;
  }

  /** The text's bytes in `#next`: none, and false, where it is kept as it is. */
  #encode(text: string): boolean {
    const next = this.#next;
    next.length = 0;
    const { length } = text;
    if (length > MAX_BYTES) return false;
    for (; next.length < length; next.length++) {
      const unit = text.charCodeAt(next.length);
      if (unit > 0x7f) break;
      next.bytes[next.length] = unit;
    }
    if (next.length === length) return true;
    next.length = 0;
    if (Buffer.byteLength(text) > MAX_BYTES || /\p{Surrogate}/u.test(text)) return false;
    next.length = next.bytes.write(text);
    return true;
  }

  /** Three lengths, of what is as before, at the beginning and at the end, and of what differs; then that. */
  #append(): void {
    const { bytes, length } = this.#next;
    const { bytes: before, length: lengthBefore } = this.#last;
    const chunk = this.#chunkWithRoom();
    const most = Math.min(length, lengthBefore);
    let [prefix, suffix] = [0, 0];
    while (prefix < most && bytes[prefix] === before[prefix]) prefix++;
    while (suffix < most - prefix && bytes[length - 1 - suffix] === before[lengthBefore - 1 - suffix])
      suffix++;
    let end = writeLength(chunk, this.#end, prefix);
    end = writeLength(chunk, end, suffix);
    end = writeLength(chunk, end, length - prefix - suffix);
    this.#end = writeBytes(chunk, end, bytes, prefix, length - suffix);
  }

  /** The last chunk, with room for any text. Zeros follow: an index file gets whole chunks, and none of what memory had before. */
  #chunkWithRoom(): Buffer {
    const chunk = this.#chunks.at(-1) as Buffer;
    if (chunk.length - this.#end >= MAX_TEXT_BYTES) return chunk;
    const larger = Buffer.alloc(Math.min(2 * chunk.length, CHUNK));
    larger.set(chunk);
    this.#chunks[this.#chunks.length - 1] = larger;
    return larger;
  }

  #find(index: number): void {
    const block = Math.floor(index / BLOCK);
    if (!(index > this.#foundIndex && block * BLOCK <= this.#foundIndex)) {
      this.#position = this.#starts.at(block);
      this.#foundIndex = block * BLOCK - 1;
      this.#found.length = 0;
    }
    while (this.#foundIndex < index) this.#readNext();
  }

  #readNext(): void {
    const place = Math.floor(this.#position / CHUNK);
    const chunk = this.#chunks[place] as Buffer;
    const begin = this.#position - place * CHUNK;
    let at = begin;
    const readLength = (): number => {
      const low = chunk[at++] as number;
      return low < 0x80 ? low : (low & 0x7f) | ((chunk[at++] as number) << 7);
    };
    const [prefix, suffix, differing] = [readLength(), readLength(), readLength()];
    const { bytes, length } = this.#found;
    const end = prefix + differing;
    if (end + suffix !== length) bytes.copyWithin(end, length - suffix, length);
    for (let to = prefix; to < end; ) {
      const byte = chunk[at++] as number;
      if (byte === ESCAPE) bytes[to++] = chunk[at++] as number;
      else if (byte < PAIRS) bytes[to++] = byte;
      else {
        const tens = Math.floor((byte - PAIRS) / 10);
        bytes[to++] = ZERO + tens;
        bytes[to++] = ZERO + byte - PAIRS - 10 * tens;
      }
    }
    this.#found.length = end + suffix;
    this.#position += at - begin;
    this.#foundIndex++;
  }
}

/** Room for the bytes of a text, of which so many are used. */
const bytesOfText = () => ({ bytes: Buffer.allocUnsafeSlow(MAX_BYTES), length: 0 });

/** Bytes as they are; but two digits in one byte from 128 on, and another such byte behind one that says so. */
function writeBytes(target: Buffer, at: number, bytes: Buffer, start: number, end: number): number {
  let to = at;
  for (let from = start; from < end; from++) {
    const byte = bytes[from] as number;
    if (isDigit(byte) && from + 1 < end && isDigit(bytes[from + 1] as number))
      target[to++] = PAIRS + 10 * (byte - ZERO) + (bytes[++from] as number) - ZERO;
    else {
      if (byte >= PAIRS) target[to++] = ESCAPE;
      target[to++] = byte;
    }
  }
  return to;
}

const ZERO = 0x30;
/** 128 is `00`, 227 is `99`. */
const PAIRS = 0x80;
const ESCAPE = 0xff;
const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;

/** In one byte, or two from 128 on. */
function writeLength(bytes: Buffer, at: number, length: number): number {
  if (length < 0x80) {
    bytes[at] = length;
    return at + 1;
  }
  bytes[at] = (length & 0x7f) | 0x80;
  bytes[at + 1] = length >> 7;
  return at + 2;
}
