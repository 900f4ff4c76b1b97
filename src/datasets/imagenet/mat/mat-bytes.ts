import { DataError } from '../../../core/errors.ts';

/** Types of data elements: table 1-1 of MATLAB's "MAT-File Format". */
export const MI = {
  int8: 1,
  uint8: 2,
  int16: 3,
  uint16: 4,
  int32: 5,
  uint32: 6,
  single: 7,
  double: 9,
  int64: 12,
  uint64: 13,
  matrix: 14,
  compressed: 15,
  utf8: 16,
  utf16: 17,
  utf32: 18,
} as const;

/** A data element: its type and its bytes. */
export interface MatElement {
  readonly type: number;
  readonly bytes: Buffer;
}

/** How the numbers of a file are read. */
export interface MatFormat {
  /** For people. */
  readonly path: string;
  readonly isLittleEndian: boolean;
}

const TAG_BYTES = 8;
/** With so many bytes or fewer, data may stand within the tag. */
const SMALL_BYTES = 4;

/** Walks over the elements that follow one another in some bytes. Beyond their end is an error that names the file. */
export class MatElements {
  readonly format: MatFormat;
  readonly #bytes: Buffer;
  #position = 0;

  constructor(format: MatFormat, bytes: Buffer) {
    this.format = format;
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  next(): MatElement {
    const { isLittleEndian } = this.format;
    const tag = this.#take(TAG_BYTES);
    const first = u32(tag, 0, isLittleEndian);
    // of a small element the upper half of the first number is its size
    const small = first >>> 16;
    if (small > SMALL_BYTES) throw damaged(this.format, `a small element of ${small} bytes (at most 4)`);
    if (small > 0) return { type: first & 0xffff, bytes: tag.subarray(4, 4 + small) };
    const bytes = this.#take(u32(tag, 4, isLittleEndian));
    // to eight bytes, where more follows; compressed ones stand side by side
    if (first !== MI.compressed) this.#position += -bytes.length & (TAG_BYTES - 1);
    return { type: first, bytes };
  }

  /** The next element, which must be of one of these types. */
  expect(what: string, types: readonly number[]): MatElement {
    const element = this.next();
    if (types.includes(element.type)) return element;
    throw damaged(
      this.format,
      `expected ${what} of type ${types.join(' or ')}, got an element of type ${element.type}`,
    );
  }

  #take(length: number): Buffer {
    const start = this.#position;
    if (!(length <= this.left))
      throw damaged(this.format, `expected ${length} bytes at byte ${start} of ${this.#bytes.length}`);
    this.#position += length;
    return this.#bytes.subarray(start, start + length);
  }
}

export const u32 = (bytes: Buffer, at: number, isLittleEndian: boolean): number =>
  isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);

/** Of a type of numbers, its size in bytes, and how one is read. */
interface NumberType {
  readonly size: number;
  read(view: DataView, at: number, isLittleEndian: boolean): number;
}

const numberTypes: Readonly<Record<number, NumberType>> = {
  [MI.int8]: { size: 1, read: (view, at) => view.getInt8(at) },
  [MI.uint8]: { size: 1, read: (view, at) => view.getUint8(at) },
  [MI.int16]: { size: 2, read: (view, at, little) => view.getInt16(at, little) },
  [MI.uint16]: { size: 2, read: (view, at, little) => view.getUint16(at, little) },
  [MI.int32]: { size: 4, read: (view, at, little) => view.getInt32(at, little) },
  [MI.uint32]: { size: 4, read: (view, at, little) => view.getUint32(at, little) },
  [MI.single]: { size: 4, read: (view, at, little) => view.getFloat32(at, little) },
  [MI.double]: { size: 8, read: (view, at, little) => view.getFloat64(at, little) },
  [MI.int64]: { size: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  [MI.uint64]: { size: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

/** The numbers of an element, which may be of a smaller type than its array; of 64 bits those beyond 2^53 are rounded. */
export function numbersIn(format: MatFormat, { type, bytes }: MatElement): Float64Array {
  const numbers = numberTypes[type];
  if (numbers === undefined) throw damaged(format, `expected numbers, got an element of type ${type}`);
  const { size, read } = numbers;
  if (bytes.length % size !== 0)
    throw damaged(format, `${bytes.length} bytes are no numbers of ${size} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from({ length: bytes.length / size }, (_, at) =>
    read(view, at * size, format.isLittleEndian),
  );
}

export const damaged = ({ path }: MatFormat, reason: string): DataError =>
  new DataError('DAMAGED_MAT', `${path}: is damaged: ${reason}`);
