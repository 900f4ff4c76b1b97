import type { ImageHeader, Orientation } from './image-header.ts';
import { toOrientation } from './orientation.ts';
import { readTiffLayout } from './tiff/layout.ts';

const ORIENTATION = 0x112;
const SHORT = 3;

/** The size is that after turning, which the decoder does as the file says. */
export function readTiffHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  const tiff = readTiffLayout(bytes);
  const { width, height, orientation } = tiff;
  const size = orientation >= 5 ? { width: height, height: width } : { width, height };
  return { ...size, orientation: 1, tiff };
}

/** The orientation in EXIF data, which is a TIFF file without pixels; 1 where the data is damaged. */
export function readExifOrientation(exif: Buffer): Orientation {
  try {
    return toOrientation(readFirstDirectory(exif).get(ORIENTATION));
  } catch (error) {
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

/** Tags of the first directory that hold one integer; others are read as if they did. */
function readFirstDirectory(bytes: Buffer): Map<number, number> {
  const isLittleEndian = bytes.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (isLittleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number) => (isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const directory = u32(4);
  const tags = new Map<number, number>();
  for (let i = 0; i < u16(directory); i++) {
    const entry = directory + 2 + i * 12;
    tags.set(u16(entry), u16(entry + 2) === SHORT ? u16(entry + 8) : u32(entry + 8));
  }
  return tags;
}
