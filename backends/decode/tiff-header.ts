import type { ImageHeader, Orientation } from './image-header.ts';

const IMAGE_WIDTH = 0x100;
const IMAGE_LENGTH = 0x101;
const ORIENTATION = 0x112;
const SHORT = 3;

/** Size and orientation of a TIFF file's first image. */
export function readTiffHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  const tags = readFirstDirectory(bytes);
  return {
    width: tags.get(IMAGE_WIDTH) ?? 0,
    height: tags.get(IMAGE_LENGTH) ?? 0,
    orientation: toOrientation(tags.get(ORIENTATION)),
  };
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

const toOrientation = (tag: number | undefined): Orientation =>
  tag !== undefined && tag >= 1 && tag <= 8 ? (tag as Orientation) : 1;
