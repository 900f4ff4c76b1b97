import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DataError } from '../core/errors.ts';
import type { Reader } from './dataset.ts';

/** Reads whole files, by path, into one buffer that is used again. */
export function openReader(): Reader {
  let buffer = Buffer.allocUnsafeSlow(1 << 20);
  return {
    read(locator) {
      const path = locator as string;
      try {
        const file = openSync(path, 'r');
        try {
          const { size } = fstatSync(file);
          if (size > buffer.length) buffer = Buffer.allocUnsafeSlow(Math.ceil(size * 1.25));
          return buffer.subarray(0, readFully(file, buffer, size));
        } finally {
          closeSync(file);
        }
      } catch (cause) {
        const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
        const reason = missing ? 'no such file (it was there when the folder was listed)' : String(cause);
        throw new DataError(missing ? 'MISSING_FILE' : 'READ_FAILED', `cannot be read: ${reason}`, { cause });
      }
    },
    close() {},
  };
}

/** One `read` may return less than asked for on some file systems. */
function readFully(file: number, buffer: Buffer, size: number): number {
  let at = 0;
  while (at < size) {
    const count = readSync(file, buffer, at, size - at, at);
    if (count === 0) break;
    at += count;
  }
  return at;
}
