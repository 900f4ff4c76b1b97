import { type Orientation, toOrientation } from './orientation.ts';

const ORIENTATION = 0x112;

/** Some writers swap the bytes of the version. */
const littleEndian = ['II*\0', 'II\0*'];
const bigEndian = ['MM\0*', 'MM*\0'];

/** Bytes of a value by its type; those of the types that a small whole number can have, and of the others. */
const wholeNumbers: Readonly<Record<number, number>> = { 3: 2, 4: 4, 6: 1, 8: 2, 9: 4, 13: 4 };
const otherValues: Readonly<Record<number, number>> = { 1: 1, 2: 1, 5: 8, 7: 1, 10: 8, 11: 4, 12: 8, 16: 8 };

/** The tag's value; null where it is no whole number; undefined where the block has no such tag. */
type Found = number | null | undefined;

/**
 * The orientation that a file's metadata ask for, as Pillow's `ImageOps.exif_transpose` finds it: in the first block of EXIF
 * data that can be read; where that has no orientation, in XMP. A block is a TIFF file without pixels.
 */
export function orientationIn(blocks: Iterable<Buffer>, xmp?: Buffer): Orientation {
  for (const block of blocks) {
    const data = withoutPrefix(withoutPrefix(block));
    const directory = findDirectory(data);
    if (directory === undefined) continue;
    const tag = findOrientation(data, directory);
    return toOrientation(tag === undefined ? inXmp(xmp) : tag);
  }
  return toOrientation(inXmp(xmp));
}

const withoutPrefix = (exif: Buffer): Buffer =>
  exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;

interface Directory {
  readonly at: number;
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
}

/** The first directory; undefined where there is none, and the block means nothing. */
function findDirectory(data: Buffer): Directory | undefined {
  const signature = data.toString('latin1', 0, 4);
  const isLittle = littleEndian.includes(signature);
  if ((!isLittle && !bigEndian.includes(signature)) || data.length < 8) return undefined;
  const u16 = (at: number) => (isLittle ? data.readUInt16LE(at) : data.readUInt16BE(at));
  const u32 = (at: number) => (isLittle ? data.readUInt32LE(at) : data.readUInt32BE(at));
  const at = u32(4);
  return at + 2 <= data.length ? { at, u16, u32 } : undefined;
}

/** Entries behind the data's end, without values, or of unknown types are passed over. */
function findOrientation(data: Buffer, { at, u16, u32 }: Directory): Found {
  const entries = u16(at);
  for (let i = 0, entry = at + 2; i < entries && entry + 12 <= data.length; i++, entry += 12) {
    if (u16(entry) !== ORIENTATION) continue;
    const type = u16(entry + 2);
    const bytes = wholeNumbers[type] ?? otherValues[type] ?? 0;
    const size = bytes * u32(entry + 4);
    const value = size > 4 ? u32(entry + 8) : entry + 8;
    if (size === 0 || value + size > data.length) continue;
    if (!(type in wholeNumbers)) return null;
    return bytes === 1 ? data.readUInt8(value) : bytes === 2 ? u16(value) : u32(value);
  }
  return undefined;
}

function inXmp(xmp: Buffer | undefined): Found {
  const digit = xmp && /tiff:Orientation(?:="|>)([0-9])/.exec(xmp.toString('latin1'))?.[1];
  return digit === undefined ? undefined : Number(digit);
}
