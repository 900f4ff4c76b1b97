import { inflateSync } from 'node:zlib';
import { uninterrupted } from '../threads/thread-task.ts';

/** Pillow refuses longer texts. */
const MOST_BYTES = 1 << 20;

/**
 * The text under `keyword` in a chunk of type tEXt (as it is), zTXt (compressed) or iTXt (either, with a language): PNG
 * specification, 11.3.3. Undefined for another keyword, or where the chunk is damaged.
 */
export function textOf(type: string, data: Buffer, keyword: string): Buffer | undefined {
  if (data.toString('latin1', 0, keyword.length + 1) !== `${keyword}\0`) return undefined;
  const rest = data.subarray(keyword.length + 1);
  if (type === 'tEXt') return rest;
  if (type === 'zTXt') return rest[0] === 0 ? inflateText(rest.subarray(1)) : undefined;
  // compressed or not, the method, language and translated keyword, each ended by a zero
  const language = rest.indexOf(0, 2);
  const translated = language < 0 ? -1 : rest.indexOf(0, language + 1);
  if (translated < 0) return undefined;
  const text = rest.subarray(translated + 1);
  if (rest[0] === 0) return text;
  return rest[1] === 0 ? inflateText(text) : undefined;
}

/** The bytes that are written in hexadecimal after three lines: what ImageMagick makes of EXIF data. */
export const bytesOfRawProfile = (text: Buffer): Buffer =>
  Buffer.from(text.toString('latin1').split('\n').slice(3).join('').replace(/\s/g, ''), 'hex');

function inflateText(stream: Buffer): Buffer | undefined {
  try {
    return uninterrupted(() => inflateSync(stream, { maxOutputLength: MOST_BYTES }));
  } catch {
    return undefined;
  }
}
