import type { DataError } from './errors.ts';

/** The bytes of a zip: those from `position` on, fewer than `length` at its end, valid until the next call. */
export interface ZipBytes {
  readonly size: number;
  view(position: number, length: number): Buffer;
}

/** A file in a zip. */
export interface ZipEntry {
  readonly name: string;
  readonly isDeflated: boolean;
  /** CRC-32 of what it unpacks to. */
  readonly checksum: number;
  /** In bytes of the zip. */
  readonly packedSize: number;
  readonly size: number;
  /** Of its bytes in the zip. They are all there. */
  readonly offset: number;
}

/** What may be wrong with a zip. */
type ZipFault = 'DAMAGED_ZIP' | 'ENCRYPTED_ZIP' | 'ZIP_METHOD';

/** Makes the error of a fault; the reason continues a sentence that names the file. */
type Fail = (code: ZipFault, reason: string) => DataError;

const [LOCAL, ENTRY, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
const [LOCAL_BYTES, ENTRY_BYTES, END_BYTES, END64_BYTES, LOCATOR64_BYTES] = [30, 46, 22, 56, 20];
/** The end of a zip is before a comment of so many bytes at most. */
const MAX_COMMENT_BYTES = 0xffff;
/** Stands for a number that is in the field of zip64 instead. */
const IN_ZIP64 = 0xffff_ffff;
const ZIP64_FIELD = 1;
const ENCRYPTED = 1;
const [STORED, DEFLATED] = [0, 8];

/** The files in a zip, stored or deflated, by its directory: APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3. */
export function zipEntries(file: ZipBytes, fail: Fail): ZipEntry[] {
  return new ZipDirectory(file, fail).entries();
}

class ZipDirectory {
  readonly #file: ZipBytes;
  readonly #fail: Fail;

  constructor(file: ZipBytes, fail: Fail) {
    this.#file = file;
    this.#fail = fail;
  }

  entries(): ZipEntry[] {
    const directory = this.#find();
    const entries: ZipEntry[] = [];
    let position = directory.start;
    // each takes bytes of the file, so that a wrong count ends at the file's end
    for (let left = directory.count; left > 0; left--) {
      const [entry, length] = this.#entryAt(position);
      entries.push(entry);
      position += length;
    }
    return entries;
  }

  #find(): { readonly count: number; readonly start: number } {
    const { size } = this.#file;
    const length = Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
    const tail = this.#file.view(size - length, length);
    let at = tail.length - END_BYTES;
    while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
    if (at < 0) throw this.#damaged('it has no directory at its end: is it cut?');
    const directory = { count: tail.readUInt16LE(at + 10), start: tail.readUInt32LE(at + 16) };
    const locator = size - length + at - LOCATOR64_BYTES;
    if (locator < 0 || this.#bytes(locator, 4).readUInt32LE(0) !== LOCATOR64) return directory;
    const end = this.#bytes(u64(this.#bytes(locator, LOCATOR64_BYTES), 8), END64_BYTES);
    if (end.readUInt32LE(0) !== END64) throw this.#damaged('its directory is not where it should be');
    return { count: u64(end, 32), start: u64(end, 48) };
  }

  /** A file, and how many bytes say so. */
  #entryAt(position: number): [entry: ZipEntry, length: number] {
    const head = Buffer.from(this.#bytes(position, ENTRY_BYTES));
    if (head.readUInt32LE(0) !== ENTRY) throw this.#damaged(`expected a file's name at offset ${position}`);
    const [flags, method] = [head.readUInt16LE(8), head.readUInt16LE(10)];
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((at) => head.readUInt16LE(at)) as [
      number,
      number,
      number,
    ];
    const rest = this.#bytes(position + ENTRY_BYTES, nameBytes + extraBytes);
    const name = rest.toString('utf8', 0, nameBytes);
    const numbers = [24, 20, 42].map((at) => head.readUInt32LE(at));
    const sizes = inZip64(rest.subarray(nameBytes), numbers);
    if (sizes === undefined) throw this.#damaged(`the sizes of ${name} are cut`);
    const [size, packedSize, start] = sizes as [number, number, number];
    if (flags & ENCRYPTED) throw this.#fail('ENCRYPTED_ZIP', `${name} is encrypted`);
    if (method !== STORED && method !== DEFLATED) {
      const reason = `${name} is packed by method ${method} (read are stored and deflated)`;
      throw this.#fail('ZIP_METHOD', reason);
    }
    const offset = this.#contentOffset(name, start);
    const isThere = offset + packedSize <= this.#file.size;
    if (!isThere || (method === STORED && size !== packedSize)) {
      const needs = `${name} needs ${packedSize} bytes at offset ${offset}`;
      throw this.#damaged(`${needs}, the file has ${this.#file.size}`);
    }
    const checksum = head.readUInt32LE(16);
    const entry = { name, isDeflated: method === DEFLATED, checksum, packedSize, size, offset };
    return [entry, ENTRY_BYTES + nameBytes + extraBytes + commentBytes];
  }

  /** After the header that a file has of its own, whose extra field is another one. */
  #contentOffset(name: string, start: number): number {
    const head = this.#bytes(start, LOCAL_BYTES);
    if (head.readUInt32LE(0) !== LOCAL) throw this.#damaged(`${name} is not at offset ${start}`);
    return start + LOCAL_BYTES + head.readUInt16LE(26) + head.readUInt16LE(28);
  }

  #bytes(position: number, length: number): Buffer {
    if (position + length <= this.#file.size) return this.#file.view(position, length);
    const expected = `expected ${length} bytes at offset ${position}`;
    throw this.#damaged(`${expected}, the file has ${this.#file.size}`);
  }

  readonly #damaged = (reason: string): DataError => this.#fail('DAMAGED_ZIP', `is damaged: ${reason}`);
}

/** Numbers with those that did not fit into 32 bits from the field of zip64, which has them in this order. */
function inZip64(extra: Buffer, numbers: readonly number[]): number[] | undefined {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== ZIP64_FIELD)
    at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  const wide = numbers.map((number) => {
    if (number !== IN_ZIP64) return number;
    at += 8;
    return at <= extra.length ? u64(extra, at - 8) : Number.NaN;
  });
  return wide.some(Number.isNaN) ? undefined : wide;
}

const u64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
