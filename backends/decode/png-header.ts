import { orientationIn } from './exif.ts';
import type { ImageHeader, Orientation } from './image-header.ts';
import { checkFirstChunk } from './png-first-chunk.ts';
import { bytesOfRawProfile, textOf } from './png-text.ts';

/** Chunk types: four letters as one number. */
const type = {
  eXIf: 0x65584966,
  tEXt: 0x74455874,
  zTXt: 0x7a545874,
  iTXt: 0x69545874,
  IEND: 0x49454e44,
} as const;
const texts = new Map<number, string>([
  [type.tEXt, 'tEXt'],
  [type.zTXt, 'zTXt'],
  [type.iTXt, 'iTXt'],
]);

/** Size from the IHDR chunk, orientation from metadata before and after the pixels. */
export function readPngHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  checkFirstChunk(bytes);
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  return { width, height, orientation: findOrientation(bytes) };
}

/** As Pillow: of several blocks or texts of a kind the last counts; a raw profile only where there is no eXIf chunk. */
function findOrientation(bytes: Buffer): Orientation {
  const exif: Buffer[] = [];
  let profile: Buffer | undefined;
  let xmp: Buffer | undefined;
  // a chunk: length of its data, type, data, checksum
  for (let at = 8; at + 8 <= bytes.length; at += bytes.readUInt32BE(at) + 12) {
    const current = bytes.readUInt32BE(at + 4);
    if (current === type.IEND) break;
    const text = texts.get(current);
    if (text === undefined && current !== type.eXIf) continue;
    const data = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    if (text === undefined) {
      exif.unshift(data);
      continue;
    }
    profile = textOf(text, data, 'Raw profile type exif') ?? profile;
    xmp = textOf(text, data, 'XML:com.adobe.xmp') ?? xmp;
  }
  const blocks = exif.length === 0 && profile !== undefined ? [bytesOfRawProfile(profile)] : exif;
  return orientationIn(blocks, xmp);
}
