import { readFileSync, readSync } from 'node:fs';
import { DataError, isSystemError } from '../../core/errors.ts';

/**
 * Reads `length` bytes at `position` into the start of `buffer`; returns how many there were before the file's end. One
 * `read` may return less than asked for on some file systems.
 */
export function readFully(file: number, buffer: Buffer, length: number, position: number): number {
  let at = 0;
  while (at < length) {
    const count = readSync(file, buffer, at, length - at, position + at);
    if (count === 0) break;
    at += count;
  }
  return at;
}

/** A file's bytes. */
export function readWhole(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw readError(cause, 'no such file', { prefix: `${path}: ` });
  }
}

/** Of a file of an image folder, or of what a link in it leads to. */
export const fileIsGone = 'cannot be read: no such file (it was there when the folder was listed)';

/** How an error names the file: before its message, as its sample, or both. */
interface FileName {
  readonly prefix?: string;
  readonly sample?: string;
}

/**
 * What became of reading a file; `missing` says it where the file is not there. Throws what says nothing of the file.
 */
export function readError(
  cause: unknown,
  missing: string,
  { prefix = '', sample }: FileName = {},
): DataError {
  // a RangeError: the file is larger than memory can be
  if (!isSystemError(cause) && !(cause instanceof RangeError)) throw cause;
  const isMissing = isSystemError(cause) && cause.code === 'ENOENT';
  const reason = isMissing ? missing : `cannot be read: ${cause}`;
  return new DataError(isMissing ? 'MISSING_FILE' : 'READ_FAILED', `${prefix}${reason}`, {
    cause,
    ...(sample !== undefined && { sample }),
  });
}
