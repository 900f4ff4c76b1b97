import { isUtf8 } from 'node:buffer';
import { closeSync, openSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { readError, readFully } from '../pieces/read-fully.ts';

/** A line of a text file, without its end; lines are counted from 1, as editors do. */
export interface TextLine {
  readonly number: number;
  readonly text: string;
}

/** A text file on the disk, or one that was read from the network. */
export type TextFile = string | { readonly path: string; readonly bytes: Buffer };

/** For people. */
export const textPath = (file: TextFile): string => (typeof file === 'string' ? file : file.path);

const CHUNK_BYTES = 1 << 20;
/** Longer than anybody's: a file that is no text must not fill the memory. */
const MAX_LINE_BYTES = 16 << 20;
const NEWLINE = 0x0a;

/** The lines of a file in UTF-8, ended as on any system; a byte order mark is no part of the first. */
export function* textLines(text: TextFile): Generator<TextLine> {
  const path = textPath(text);
  let number = 1;
  for (const bytes of typeof text === 'string' ? wholeLines(text) : linesIn(text.bytes)) {
    if (number === 1) refuseUtf16(path, bytes);
    const text = textOf(path, bytes, number);
    for (const line of text.split('\n')) {
      yield { number, text: line.endsWith('\r') ? line.slice(0, -1) : line };
      number++;
    }
  }
}

/** The file in pieces that end where a line does, without that line's end. */
function* wholeLines(path: string): Generator<Buffer> {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    let rest: Buffer = Buffer.alloc(0);
    for (let position = 0; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = readFully(file, chunk, CHUNK_BYTES, position);
      position += count;
      const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
      const end = bytes.lastIndexOf(NEWLINE);
      if (count < CHUNK_BYTES) {
        // what follows the last line's end is no line
        if (bytes.length > 0) yield end === bytes.length - 1 ? bytes.subarray(0, end) : bytes;
        return;
      }
      if (end !== -1) yield bytes.subarray(0, end);
      rest = bytes.subarray(end + 1);
      if (rest.length > MAX_LINE_BYTES)
        throw new DataError('NO_TEXT', `${path}: is no text: a line has more than ${MAX_LINE_BYTES} bytes`);
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw readError(cause, 'no such file', { prefix: `${path}: ` });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The same of bytes in memory. */
function* linesIn(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, Math.min(start + CHUNK_BYTES, bytes.length - 1));
    yield bytes.subarray(start, end === -1 ? undefined : end);
    start = end === -1 ? bytes.length : end + 1;
  }
}

function textOf(path: string, bytes: Buffer, first: number): string {
  if (isUtf8(bytes)) return bytes.toString('utf8', first === 1 && hasMark(bytes) ? 3 : 0);
  let [number, start] = [first, 0];
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) break;
    [number, start] = [number + 1, end + 1];
  }
  const reason = 'is not UTF-8: save the file as UTF-8; in a file name, write a byte that is none as \\xe9';
  throw new DataError('NOT_UTF8', `${path}: line ${number}: ${reason}`);
}

/** Whether bytes begin with UTF-8's byte order mark, of 3 bytes. */
export const hasMark = (bytes: Buffer): boolean => bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf;

function refuseUtf16(path: string, bytes: Buffer): void {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfeff || mark === 0xfffe)
    throw new DataError('NOT_UTF8', `${path}: is UTF-16: save it as UTF-8 (in Excel: "CSV UTF-8")`);
  if (bytes.subarray(0, 512).includes(0)) throw new DataError('NO_TEXT', `${path}: is no text`);
}
