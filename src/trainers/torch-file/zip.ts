import { crc32 } from 'node:zlib';
import { ByteReader } from './byte-reader.ts';
import { damaged } from './damaged.ts';

const localSignature = 0x04034b50;
const entrySignature = 0x02014b50;
const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
/** The end of a zip is before a comment of so many bytes at most. */
const COMMENT_LIMIT = 65_535;
/** Stands for a number that is in the field of zip64 instead. */
const IN_ZIP64 = 0xffff_ffff;
const ZIP64_FIELD = 1;
const ENCRYPTED = 1;

/**
 * Entries of a zip by their names, not copied. torch.save compresses nothing: what is compressed is refused.
 * APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3.
 */
export function readZip(file: Uint8Array): Map<string, Uint8Array> {
  const reader = new ByteReader(file, 'zip');
  const { count, start } = findDirectory(file, reader);
  const entries = new Map<string, Uint8Array>();
  reader.position = start;
  let bytes = 0;
  // each takes bytes of the file, so that a wrong count ends at the file's end
  for (let left = count; left > 0; left--) {
    const entry = readEntry(reader);
    bytes += entry.size;
    if (!(bytes <= file.length)) throw damaged(`zip: entries of ${bytes} bytes in a file of ${file.length}`);
    entries.set(entry.name, contentOf(entry, file));
  }
  return entries;
}

interface Directory {
  readonly count: number;
  /** In bytes from the file's start. */
  readonly start: number;
}

function findDirectory(file: Uint8Array, reader: ByteReader): Directory {
  const end = findEnd(file);
  reader.position = end + 10;
  const directory: Directory = { count: reader.u16(), start: skip(reader, 4).u32() };
  return end >= LOCATOR_BYTES ? (findDirectory64(reader, end - LOCATOR_BYTES) ?? directory) : directory;
}

function findEnd(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const last = file.length - END_BYTES;
  for (let at = last; at >= Math.max(0, last - COMMENT_LIMIT); at--)
    if (view.getUint32(at, true) === endSignature) return at;
  throw damaged('no end of a zip: the file is cut off');
}

/** The directory as zip64 says it; undefined where there is none. */
function findDirectory64(reader: ByteReader, locator: number): Directory | undefined {
  reader.position = locator;
  if (reader.u32() !== locator64Signature) return undefined;
  const end = skip(reader, 4).u64();
  reader.position = end;
  if (reader.u32() !== end64Signature) throw damaged('zip: damaged directory');
  return { count: skip(reader, 28).u64(), start: skip(reader, 8).u64() };
}

interface Entry {
  readonly name: string;
  readonly checksum: number;
  readonly size: number;
  /** Of its local header. */
  readonly start: number;
}

function readEntry(reader: ByteReader): Entry {
  if (reader.u32() !== entrySignature) throw damaged('zip: damaged directory');
  const flags = skip(reader, 4).u16();
  const method = reader.u16();
  const checksum = skip(reader, 4).u32();
  const stored = reader.u32();
  const size = reader.u32();
  const [nameBytes, extraBytes, commentBytes] = [reader.u16(), reader.u16(), reader.u16()];
  const start = skip(reader, 8).u32();
  const name = reader.text(nameBytes);
  const extra = new ByteReader(reader.bytes(extraBytes), `zip: ${name}`);
  skip(reader, commentBytes);
  if (flags & ENCRYPTED) throw damaged(`${name} is encrypted`);
  if (method !== 0) throw damaged(`${name} is compressed, which torch.save never does`);
  return { name, checksum, ...inZip64(extra, extraBytes, { size, stored, start }) };
}

interface Place {
  readonly size: number;
  readonly stored: number;
  readonly start: number;
}

/** The place, with what did not fit into 32 bits from the field of zip64. */
function inZip64(extra: ByteReader, length: number, { size, stored, start }: Place): Place {
  while (extra.position + 4 <= length) {
    const field = extra.u16();
    const bytes = extra.u16();
    if (field === ZIP64_FIELD) {
      const wide = (value: number): number => (value === IN_ZIP64 ? extra.u64() : value);
      // in this order, each only where it is needed
      return { size: wide(size), stored: wide(stored), start: wide(start) };
    }
    skip(extra, bytes);
  }
  return { size, stored, start };
}

/** The bytes of an entry. A checksum of 0 is one that torch.save was told to leave out. */
function contentOf({ name, checksum, size, start }: Entry, file: Uint8Array): Uint8Array {
  const reader = new ByteReader(file, name);
  reader.position = start;
  if (reader.u32() !== localSignature) throw damaged(`zip: damaged header of ${name}`);
  const [nameBytes, extraBytes] = [skip(reader, 22).u16(), reader.u16()];
  const content = skip(reader, nameBytes + extraBytes).bytes(size);
  if (checksum !== 0 && crc32(content) !== checksum)
    throw damaged(`${name} has another checksum: the file is damaged`);
  return content;
}

function skip(reader: ByteReader, bytes: number): ByteReader {
  reader.position += bytes;
  return reader;
}
