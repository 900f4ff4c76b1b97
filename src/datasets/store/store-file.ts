import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DataError, reasonOf } from '../../core/errors.ts';
import { pathStats } from '../opening/path-stats.ts';

// The head of an LMDB file: two pages that describe it, written in turn. Offsets in such a page, little-endian.
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const HEAD_BYTES = 160;
const MAGIC = 0xbeefc0de;
const LARGEST_PAGE = 65_536;

/**
 * Whether there is a store at `path`; throws DataError where there is something else, or a part of a store. LMDB maps
 * the file into memory, where reading beyond its end would end the process instead of throwing.
 */
export function checkStoreFile(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new DataError('STORE_UNREADABLE', `${path}: cannot be opened: ${reasonOf(cause)}`, {
      cause,
    });
  }
  try {
    if (!fstatSync(file).isFile()) throw notAStore(path, 'is not a file');
    const expected = expectedBytes(path, file);
    // after the head: an importer at work makes the file longer before it says so there
    const { size } = fstatSync(file);
    if (size >= expected) return true;
    throw new DataError(
      'STORE_TRUNCATED',
      `${path}: the file is cut off: ${size} bytes of ${expected}; copy it again, or remove it and import again`,
    );
  } finally {
    closeSync(file);
  }
}

/** Whether a file that begins like this looks like a store. */
export const isStoreHead = (head: Buffer): boolean =>
  head.length >= HEAD_BYTES && head.readUInt32LE(MAGIC_AT) === MAGIC;

/** Whether a path is a store's file, whatever its name. */
export function isStoreFile(path: string): boolean {
  if (pathStats(path)?.isFile() !== true) return false;
  const file = openSync(path, 'r');
  try {
    return isStoreHead(readHead(file, 0));
  } finally {
    closeSync(file);
  }
}

/** Bytes that the newest of the two heads accounts for. */
function expectedBytes(path: string, file: number): number {
  const first = readHead(file, 0);
  if (!isStoreHead(first)) throw notAStore(path, first.length === 0 ? 'is empty' : 'is not an LMDB file');
  const pageSize = first.readUInt32LE(PAGE_SIZE_AT);
  if (pageSize < 256 || pageSize > LARGEST_PAGE) throw notAStore(path, 'has a damaged head');
  const second = readHead(file, pageSize);
  if (!isStoreHead(second)) return 2 * pageSize;
  const transaction = (head: Buffer) => head.readBigUInt64LE(TRANSACTION_AT);
  const newest = transaction(second) > transaction(first) ? second : first;
  return (Number(newest.readBigUInt64LE(LAST_PAGE_AT)) + 1) * pageSize;
}

function readHead(file: number, offset: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, offset));
}

const notAStore = (path: string, reason: string): DataError =>
  new DataError('NOT_A_STORE', `${path}: ${reason} (expected a store that millrace import made)`);
