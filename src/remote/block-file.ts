import { createHash } from 'node:crypto';
import { closeSync, futimesSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { identityOf, type RemoteFile } from './remote-file.ts';

/** An object is cached in pieces of so many bytes. bench/remote.ts measures others. */
export const BLOCK_BYTES = 2 ** 20;
/** Each has a checksum of its own, so that a small read checks no more than it reads. */
const CHUNK_BYTES = 2 ** 16;
const MAGIC = Buffer.from('MRBLOCK1');

/** A piece of an object, as a file of the cache. */
export interface Block {
  /** Of the object's identity, hexadecimal. */
  readonly object: string;
  readonly number: number;
  /** Of its bytes, without the header. */
  readonly length: number;
}

/** The same for the same object only. */
export const objectHash = (file: RemoteFile): string =>
  createHash('sha256').update(identityOf(file)).digest('hex').slice(0, 40);

/** Of the whole file. */
export const fileBytes = (length: number): number => headerBytes(length) + length;

/** `<object>-<number>-<bytes of the file>` */
export const blockName = ({ object, number, length }: Block): string =>
  `${object}-${number}-${fileBytes(length)}`;

/** What a file of the cache, or one that was not finished, takes by its name; undefined: it is none of ours. */
export function bytesByName(name: string): number | undefined {
  const bytes = /^[0-9a-f]{40}-\d+-(\d+)(?:\.\d+-\d+-\d+\.tmp)?$/.exec(name)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}

/** Magic, a CRC-32 of the table, and the table: a CRC-32 for each 64 KiB, little-endian. */
export function blockHeader(bytes: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes(bytes.length));
  MAGIC.copy(header);
  const table = header.subarray(MAGIC.length + 4);
  for (let i = 0; i * CHUNK_BYTES < bytes.length; i++)
    table.writeUInt32LE(crc32(bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)), i * 4);
  header.writeUInt32LE(crc32(table), MAGIC.length);
  return header;
}

/**
 * Bytes `start` to before `end` of a block. Undefined: the file is damaged. Throws the system's error where there is none.
 * What is read counts as used now.
 */
export function readBlock(path: string, length: number, start: number, end: number): Buffer | undefined {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.allocUnsafe(headerBytes(length));
    if (readSync(file, header, 0, header.length, 0) < header.length || !isHeader(header)) return undefined;
    const first = Math.floor(start / CHUNK_BYTES);
    const from = first * CHUNK_BYTES;
    const chunks = Buffer.allocUnsafeSlow(
      Math.min(Math.ceil(end / CHUNK_BYTES) * CHUNK_BYTES, length) - from,
    );
    if (readSync(file, chunks, 0, chunks.length, header.length + from) < chunks.length) return undefined;
    if (!areIntact(chunks, header, first)) return undefined;
    touch(file);
    return chunks.subarray(start - from, end - from);
  } finally {
    closeSync(file);
  }
}

const headerBytes = (length: number): number => MAGIC.length + 4 + Math.ceil(length / CHUNK_BYTES) * 4;

const isHeader = (header: Buffer): boolean =>
  MAGIC.equals(header.subarray(0, MAGIC.length)) &&
  header.readUInt32LE(MAGIC.length) === crc32(header.subarray(MAGIC.length + 4));

function areIntact(chunks: Buffer, header: Buffer, first: number): boolean {
  for (let i = 0; i * CHUNK_BYTES < chunks.length; i++) {
    const chunk = chunks.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
    if (crc32(chunk) !== header.readUInt32LE(MAGIC.length + 4 + (first + i) * 4)) return false;
  }
  return true;
}

/** The least recently used are removed first, by this time. */
function touch(file: number): void {
  const now = Date.now() / 1000;
  try {
    futimesSync(file, now, now);
  } catch {
    // another user's cache, which is read all the same
  }
}
