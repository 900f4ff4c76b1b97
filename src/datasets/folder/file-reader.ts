import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Reader } from '../dataset.ts';
import { type FilePath, pathInWords, systemPath } from '../file-path.ts';
import { fileIsGone, readError, readFully } from '../read-fully.ts';

/** Reads whole files, by path, into one buffer that is used again. */
export function openReader(): Reader {
  let buffer = Buffer.allocUnsafeSlow(1 << 20);
  return {
    read(locator) {
      const path = locator as FilePath;
      try {
        const file = openSync(systemPath(path), 'r');
        try {
          const { size } = fstatSync(file);
          if (size > buffer.length) buffer = Buffer.allocUnsafeSlow(Math.ceil(size * 1.25));
          return buffer.subarray(0, readFully(file, buffer, size, 0));
        } finally {
          closeSync(file);
        }
      } catch (cause) {
        throw readError(cause, fileIsGone, { sample: pathInWords(path) });
      }
    },
    close() {},
  };
}
