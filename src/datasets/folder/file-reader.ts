import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Reader } from '../dataset.ts';
import { type FilePath, pathInWords, systemPath } from '../opening/file-path.ts';
import { fileIsGone, readError, readFully } from '../pieces/read-fully.ts';

export interface FileReaderOptions {
  /** What is said of a file that is not there. Default: that it was, when the folder was listed. */
  readonly missing?: string;
}

/** Reads whole files, by path, into one buffer that is used again. */
export function openReader({ missing = fileIsGone }: FileReaderOptions = {}): Reader {
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
        throw readError(cause, missing, { sample: pathInWords(path) });
      }
    },
    close() {},
  };
}
