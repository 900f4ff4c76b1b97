import { constants, gunzipSync } from 'node:zlib';
import { DataError } from '../../core/errors.ts';

/** Enough to unpack the header of whatever is packed. */
const HEAD_BYTES = 4096;

/** How a gzipped file begins. */
export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/**
 * The content of a gzipped file.
 *
 * @param path for messages
 * @param most bytes that it may unpack to, since gzip packs zeros a thousandfold: more is an error
 * @param expected what has so many bytes, for messages
 */
export function unpackGzip(path: string, packed: Buffer, most: number, expected: string): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: Math.max(1, most) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new DataError('TOO_LARGE', `${path}: unpacks to more than ${expected}`, { cause });
    throw new DataError('DAMAGED_FILE', `${path}: cannot be unpacked: ${cause}`, { cause });
  }
}

/** As much of the content as the first bytes of a gzipped file give; nothing where they are damaged. */
export function unpackHead(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed.subarray(0, HEAD_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
