import { closeSync, fstatSync, openSync } from 'node:fs';
import { DataError } from '../core/errors.ts';
import type { Reader } from './dataset.ts';
import { readFully } from './read-fully.ts';

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
          return buffer.subarray(0, readFully(file, buffer, size, 0));
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
