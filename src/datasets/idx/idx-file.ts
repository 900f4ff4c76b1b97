import { DataError } from '../../core/errors.ts';
import { readWhole } from '../pieces/read-fully.ts';
import { isGzip, unpackGzip, unpackHead } from '../pieces/unpack-gzip.ts';

/** The array in an IDX file: u8, sizes outermost first. */
export interface IdxArray {
  readonly sizes: readonly number[];
  readonly data: Uint8Array;
  /** Bytes before the elements in the unpacked file. */
  readonly headerBytes: number;
}

const U8 = 0x08;
const typeNames: Readonly<Record<number, string>> = {
  [U8]: 'u8',
  9: 'i8',
  11: 'i16',
  12: 'i32',
  13: 'f32',
  14: 'f64',
};

/**
 * Reads an IDX file (the format of MNIST), unpacked where it is gzipped: two zero bytes, the element type, the number of
 * dimensions, their sizes as big-endian u32, then the elements.
 */
export function readIdx(path: string): IdxArray {
  const bytes = readUnpacked(path);
  if (!isIdx(bytes)) {
    const got = bytes.length === 0 ? 'an empty file' : bytes.subarray(0, 4).toString('hex');
    throw new DataError(
      'NOT_IDX',
      `${path}: is not an IDX file: expected it to begin with 00 00 08 (u8), got ${got}`,
    );
  }
  const type = bytes[2] as number;
  if (type !== U8)
    throw new DataError('IDX_TYPE', `${path}: expected elements of type u8, got ${typeNames[type]}`);
  const { start, sizes, expected } = headerOf(path, bytes);
  if (bytes.length !== expected)
    throw sizeError(
      path,
      `expected ${expected} bytes for ${sizes.join(' x ')}, the file has ${bytes.length}`,
    );
  return { sizes, data: bytes.subarray(start), headerBytes: start };
}

/** Where the elements begin, their sizes, and how many bytes the file must have. */
function headerOf(path: string, bytes: Buffer) {
  const dimensions = bytes[3] as number;
  const start = 4 + 4 * dimensions;
  if (bytes.length < start)
    throw sizeError(path, `expected a header of ${start} bytes, the file has ${bytes.length}`);
  const sizes = Array.from({ length: dimensions }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  return { start, sizes, expected: start + sizes.reduce((product, size) => product * size, 1) };
}

/** Whether a file that begins with these bytes is an IDX file. */
export function isIdx(head: Uint8Array): boolean {
  const [first, second, type, dimensions] = head;
  return first === 0 && second === 0 && type !== undefined && type in typeNames && (dimensions ?? 0) > 0;
}

function readUnpacked(path: string): Buffer {
  const bytes = readWhole(path);
  if (!isGzip(bytes)) return bytes;
  const head = unpackHead(bytes);
  // what is none needs no more to be refused
  if (head.length > 0 && !isIdx(head)) return head;
  const { sizes, expected } = head.length === 0 ? { sizes: [], expected: 1 } : headerOf(path, head);
  const most = Math.min(expected, MAX_UNPACKED);
  return unpackGzip(path, bytes, most, `the ${most} bytes of its ${sizes.join(' x ')}`);
}

/** Images are held in memory. */
const MAX_UNPACKED = 2 ** 32 - 1;

function sizeError(path: string, reason: string): DataError {
  return new DataError('IDX_SIZE', `${path}: ${reason}`);
}
