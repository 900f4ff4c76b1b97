import type { ImageHeader } from './image-header.ts';
import { checkFirstChunk } from './png-first-chunk.ts';
import { readExifOrientation } from './tiff-header.ts';

/** Size from the IHDR chunk, orientation from an eXIf chunk before the pixels. */
export function readPngHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  checkFirstChunk(bytes);
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  // a chunk: length of its data, type, data, checksum
  for (let at = 8; at + 8 <= bytes.length; at += bytes.readUInt32BE(at) + 12) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') break;
    const data = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    if (type === 'eXIf') return { width, height, orientation: readExifOrientation(data) };
  }
  return { width, height, orientation: 1 };
}
