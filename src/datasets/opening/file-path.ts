import { isUtf8 } from 'node:buffer';
import { dirname, join, sep } from 'node:path';

/** Where a file is: its path's bytes where they are no UTF-8, which no text can say. Plain data, as locators are. */
export type FilePath = string | Uint8Array;

/** A byte, as `nameInWords` writes it. */
const writtenByte = /\\x([0-9a-f]{2})/;

/**
 * A file's name as a text: a byte that is no UTF-8 is written as `\xe9`. Names that are UTF-8 stay as they are, but for a
 * backslash that looks like the start of such a byte: it is written `\x5c`, so that no two names are the same text.
 */
export function nameInWords(name: string | Buffer): string {
  return typeof name === 'string' ? withoutEscapes(name) : wordsOfBytes(name);
}

function wordsOfBytes(bytes: Buffer): string {
  let [text, start] = ['', 0];
  for (let at = 0; at < bytes.length; ) {
    const length = characterLengths.find((count) => isUtf8(bytes.subarray(at, at + count)));
    if (length === undefined) {
      const byte = (bytes[at] as number).toString(16).padStart(2, '0');
      text += `${withoutEscapes(bytes.toString('utf8', start, at))}\\x${byte}`;
      start = at + 1;
    }
    at += length ?? 1;
  }
  return text + withoutEscapes(bytes.toString('utf8', start));
}

const characterLengths = [1, 2, 3, 4];

const withoutEscapes = (text: string): string => text.replace(/\\(?=x[0-9a-f]{2})/g, '\\x5c');

/** The bytes of a name that `nameInWords` wrote. */
function bytesOfName(name: string): Buffer {
  // every second part is what the brackets of the pattern hold
  const parts = name.split(writtenByte);
  return Buffer.concat(parts.map((part, i) => Buffer.from(part, i % 2 === 0 ? 'utf8' : 'hex')));
}

/** Where the file is that `nameInWords` gave this name, or this path of names with slashes. */
export function pathIn(folder: FilePath, name: string): FilePath {
  if (typeof folder === 'string' && !writtenByte.test(name)) return join(folder, name);
  // of its own memory: a small Buffer would take others with it to another thread
  return Uint8Array.from(Buffer.concat([Buffer.from(folder), Buffer.from(sep), bytesOfName(name)]));
}

/** The path where its names were written by `nameInWords`: `photos/caf\xe9.jpg`. */
export const writtenPath = (path: string): FilePath => Uint8Array.from(bytesOfName(path));

/** The path in the form that the file system takes. */
export function systemPath(path: FilePath): string | Buffer {
  return typeof path === 'string' ? path : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
}

/** The folder that a file is in. */
export function folderOf(path: FilePath): FilePath {
  if (typeof path === 'string') return dirname(path);
  const end = path.lastIndexOf(sep.charCodeAt(0));
  return end === -1 ? '.' : path.slice(0, Math.max(end, 1));
}

/** The path for people. */
export const pathInWords = (path: FilePath): string =>
  typeof path === 'string' ? path : wordsOfBytes(Buffer.from(path));
