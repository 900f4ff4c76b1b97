import { crc32 } from 'node:zlib';
import type { Size } from '../../src/core/image.ts';

/** What an ordinary PNG holds: the fields of its IHDR chunk, its palette, and the zlib stream of its rows. */
export interface PngContent extends Size {
  readonly bitsPerSample: number;
  readonly colourType: number;
  /** Packed RGB; empty without a PLTE chunk. */
  readonly palette: Buffer;
  readonly stream: Buffer;
}

/** Chunk types: four letters as one number. */
const type = { IHDR: 0x49484452, PLTE: 0x504c5445, IDAT: 0x49444154, IEND: 0x49454e44 } as const;
/** The first letter says whether a reader may skip the chunk. */
const skippable = /^[a-z][a-zA-Z]{3}$/;
const NO_BYTES: Buffer = Buffer.alloc(0);
const SIGNATURE_BYTES = 8;
/** Of a chunk's length, type and checksum. */
const FRAME_BYTES = 12;

/**
 * The content of a PNG that is not interlaced, whose chunks are in order up to the end and whose checksums are right;
 * undefined for any other.
 */
export function readPngContent(bytes: Buffer): PngContent | undefined {
  let at = SIGNATURE_BYTES;
  let previous = 0;
  let header = NO_BYTES;
  let palette = NO_BYTES;
  const parts: Buffer[] = [];
  while (previous !== type.IEND) {
    if (at + FRAME_BYTES > bytes.length) return undefined;
    const current = bytes.readUInt32BE(at + 4);
    const end = at + FRAME_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length || !isIntact(bytes, at, end)) return undefined;
    if ((previous === 0) !== (current === type.IHDR)) return undefined;
    const data = bytes.subarray(at + 8, end - 4);
    if (current === type.IHDR) header = data;
    else if (current === type.PLTE && palette.length === 0 && parts.length === 0) palette = data;
    else if (current === type.IDAT && (parts.length === 0 || previous === type.IDAT)) parts.push(data);
    else if (current !== type.IEND && !isSkippable(bytes, at)) return undefined;
    previous = current;
    at = end;
  }
  const stream = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  return isOrdinary(header) ? { ...readFields(header), palette, stream } : undefined;
}

const isIntact = (bytes: Buffer, at: number, end: number): boolean =>
  crc32(bytes.subarray(at + 4, end - 4)) === bytes.readUInt32BE(end - 4);

const isSkippable = (bytes: Buffer, at: number): boolean =>
  skippable.test(bytes.toString('latin1', at + 4, at + 8));

/** Compression and filter method 0, which are the only ones, and no interlacing. */
const isOrdinary = (header: Buffer): boolean => header.length === 13 && header.readUIntBE(10, 3) === 0;

const readFields = (header: Buffer) => ({
  width: header.readUInt32BE(0),
  height: header.readUInt32BE(4),
  bitsPerSample: header.readUInt8(8),
  colourType: header.readUInt8(9),
});
