import { DataError } from '../../src/core/errors.ts';
import { orientationIn } from './exif.ts';
import type { ImageHeader, Orientation } from './image-header.ts';

/** Size from the first chunk: lossy (`VP8 `), lossless (`VP8L`) or extended (`VP8X`), which alone can carry metadata. */
export function readWebpHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  const type = bytes.toString('latin1', 12, 16);
  if (type === 'VP8X') {
    const width = bytes.readUIntLE(24, 3) + 1;
    const height = bytes.readUIntLE(27, 3) + 1;
    return { width, height, orientation: findOrientation(bytes) };
  }
  if (type === 'VP8L' && bytes.readUInt8(20) === 0x2f) {
    const sizes = bytes.readUInt32LE(21);
    return { width: (sizes & 0x3fff) + 1, height: ((sizes >>> 14) & 0x3fff) + 1, orientation: 1 };
  }
  if (type === 'VP8 ' && bytes.readUIntBE(23, 3) === 0x9d012a) {
    return {
      width: bytes.readUInt16LE(26) & 0x3fff,
      height: bytes.readUInt16LE(28) & 0x3fff,
      orientation: 1,
    };
  }
  throw new DataError('DECODE_FAILED', `webp: unknown or damaged first chunk ${JSON.stringify(type)}`);
}

/** Bits of the extended header's first byte that say which metadata count. */
const HAS_EXIF = 8;
const HAS_XMP = 4;

function findOrientation(bytes: Buffer): Orientation {
  const flags = bytes.readUInt8(20);
  const exif: Buffer[] = [];
  let xmp: Buffer | undefined;
  // a chunk: type, length of its data, data, a byte of padding where the length is odd
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const type = bytes.toString('latin1', at, at + 4);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'EXIF' && flags & HAS_EXIF) exif.push(data);
    if (type === 'XMP ' && flags & HAS_XMP) xmp ??= data;
    at += 8 + length + (length & 1);
  }
  return orientationIn(exif, xmp);
}
