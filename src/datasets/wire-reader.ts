/** Bytes of a file or a buffer: those from `position` on, fewer than `length` at its end. */
export interface Bytes {
  view(position: number, length: number): Buffer;
}

/** A part of what is read, in bytes from its start. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A field of a message. Its value is a number (`varint`), or bytes. */
export interface WireField extends Range {
  readonly number: number;
  readonly varint: number | undefined;
}

/** Says in what a message of protocol buffers is none. */
export class WireError extends Error {}

/** Of 64 bits, seven in each byte. */
const MAX_VARINT_BYTES = 10;
/** With as many a varint is exact as a double. */
const EXACT_VARINT_BYTES = 7;
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/** Walks over the fields of a message in place, and reads their headers alone. */
export class WireReader {
  readonly #bytes: Bytes;
  readonly #end: number;
  #position: number;
  #head: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(bytes: Bytes, { start, end }: Range) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  /** The next field; undefined at the message's end. */
  next(): WireField | undefined {
    if (this.#position >= this.#end) return undefined;
    this.#look();
    const tag = this.#varint();
    const [number, type] = [Math.floor(tag / 8), tag & 7];
    const varint = type === VARINT || type === BYTES ? this.#varint() : undefined;
    const start = this.#position + this.#at;
    const end = start + lengthOf(type, varint);
    if (!(end <= this.#end && end >= start && number > 0))
      throw new WireError(`field ${number} at byte ${start} ends beyond what it lies in`);
    this.#position = end;
    return { number, start, end, varint: type === VARINT ? varint : undefined };
  }

  /** The numbers of a packed field. */
  *varints(): Generator<number> {
    while (this.#position < this.#end) {
      this.#look();
      yield this.#varint();
      this.#position += this.#at;
    }
  }

  /** Takes the bytes of a tag and of what follows it. */
  #look(): void {
    const length = Math.min(2 * MAX_VARINT_BYTES, this.#end - this.#position);
    this.#head = this.#bytes.view(this.#position, length);
    this.#at = 0;
  }

  #varint(): number {
    let [value, scale] = [0, 1];
    const start = this.#at;
    for (;;) {
      const byte = this.#head[this.#at++];
      if (byte === undefined || this.#at - start > MAX_VARINT_BYTES)
        throw new WireError(`the number at byte ${this.#position + start} does not end`);
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) break;
    }
    return this.#at - start <= EXACT_VARINT_BYTES ? value : signed(this.#head.subarray(start, this.#at));
  }
}

function lengthOf(type: number, varint: number | undefined): number {
  if (type === VARINT) return 0;
  if (type === BYTES) return varint as number;
  if (type === FIXED64) return 8;
  if (type === FIXED32) return 4;
  throw new WireError(`a field has the type ${type}, which is none`);
}

/** A varint of many bytes: below zero where its 64th bit is set. */
function signed(bytes: Buffer): number {
  let value = 0n;
  for (const [place, byte] of bytes.entries()) value |= BigInt(byte & 127) << BigInt(7 * place);
  return Number(BigInt.asIntN(64, value));
}
