import { DataError } from '../../core/errors.ts';
import type { FileWindow } from '../pieces/file-window.ts';

/** A file in a zip. */
export interface ZipEntry {
  readonly name: string;
  readonly isDeflated: boolean;
  readonly checksum: number;
  /** In bytes of the zip. */
  readonly packedSize: number;
  readonly size: number;
  /** Of its bytes in the zip. */
  readonly offset: number;
}

const [LOCAL, ENTRY, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
const [LOCAL_BYTES, ENTRY_BYTES, END_BYTES, END64_BYTES, LOCATOR64_BYTES] = [30, 46, 22, 56, 20];
/** The end of a zip is before a comment of so many bytes at most. */
const MAX_COMMENT_BYTES = 0xffff;
/** Stands for a number that is in the field of zip64 instead. */
const IN_ZIP64 = 0xffff_ffff;
const ZIP64_FIELD = 1;
const ENCRYPTED = 1;
const [STORED, DEFLATED] = [0, 8];

/** The files in a zip, by its directory: APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3. */
export function zipEntries(file: FileWindow): ZipEntry[] {
  const directory = findDirectory(file);
  const entries: ZipEntry[] = [];
  let position = directory.start;
  // each takes bytes of the file, so that a wrong count ends at the file's end
  for (let left = directory.count; left > 0; left--) {
    const [entry, length] = readEntry(file, position);
    entries.push(entry);
    position += length;
  }
  return entries;
}

function findDirectory(file: FileWindow): { readonly count: number; readonly start: number } {
  const length = Math.min(file.size, END_BYTES + MAX_COMMENT_BYTES);
  const tail = file.view(file.size - length, length);
  let at = tail.length - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw damaged(file, 'it has no directory at its end: is it cut?');
  const directory = { count: tail.readUInt16LE(at + 10), start: tail.readUInt32LE(at + 16) };
  const locator = file.size - length + at - LOCATOR64_BYTES;
  if (locator < 0 || signatureAt(file, locator) !== LOCATOR64) return directory;
  const end = bytesAt(file, u64(bytesAt(file, locator, LOCATOR64_BYTES), 8), END64_BYTES);
  if (end.readUInt32LE(0) !== END64) throw damaged(file, 'its directory is not where it should be');
  return { count: u64(end, 32), start: u64(end, 48) };
}

/** A file, and how many bytes say so. */
function readEntry(file: FileWindow, position: number): [entry: ZipEntry, length: number] {
  const head = Buffer.from(bytesAt(file, position, ENTRY_BYTES));
  if (head.readUInt32LE(0) !== ENTRY) throw damaged(file, `expected a file's name at offset ${position}`);
  const [flags, method] = [head.readUInt16LE(8), head.readUInt16LE(10)];
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((at) => head.readUInt16LE(at)) as [
    number,
    number,
    number,
  ];
  const rest = bytesAt(file, position + ENTRY_BYTES, nameBytes + extraBytes);
  const name = rest.toString('utf8', 0, nameBytes);
  const sizes = inZip64(
    rest.subarray(nameBytes),
    [24, 20, 42].map((at) => head.readUInt32LE(at)),
  );
  if (sizes === undefined) throw damaged(file, `the sizes of ${name} are cut`);
  const [size, packedSize, start] = sizes as [number, number, number];
  if (flags & ENCRYPTED) throw new DataError('ENCRYPTED_ZIP', `${file.path}: ${name} is encrypted`);
  if (method !== STORED && method !== DEFLATED)
    throw new DataError(
      'ZIP_METHOD',
      `${file.path}: ${name} is packed by method ${method} (read are stored and deflated)`,
    );
  const offset = contentOffset(file, name, start);
  if (!(offset + packedSize <= file.size) || (method === STORED && size !== packedSize))
    throw damaged(file, `${name} needs ${packedSize} bytes at offset ${offset}, the file has ${file.size}`);
  const entry = {
    name,
    isDeflated: method === DEFLATED,
    checksum: head.readUInt32LE(16),
    packedSize,
    size,
    offset,
  };
  return [entry, ENTRY_BYTES + nameBytes + extraBytes + commentBytes];
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

/** After the header that a file has of its own, whose extra field is another one. */
function contentOffset(file: FileWindow, name: string, start: number): number {
  const head = bytesAt(file, start, LOCAL_BYTES);
  if (head.readUInt32LE(0) !== LOCAL) throw damaged(file, `${name} is not at offset ${start}`);
  return start + LOCAL_BYTES + head.readUInt16LE(26) + head.readUInt16LE(28);
}

const u64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

const signatureAt = (file: FileWindow, position: number): number =>
  bytesAt(file, position, 4).readUInt32LE(0);

function bytesAt(file: FileWindow, position: number, length: number): Buffer {
  const isInside = position + length <= file.size;
  if (!isInside)
    throw damaged(file, `expected ${length} bytes at offset ${position}, the file has ${file.size}`);
  return file.view(position, length);
}

const damaged = (file: FileWindow, reason: string): DataError =>
  new DataError('DAMAGED_ZIP', `${file.path}: is damaged: ${reason}`);
