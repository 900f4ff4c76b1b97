import { readSync } from 'node:fs';

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
