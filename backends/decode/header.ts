import { DataError } from '../../src/core/errors.ts';
import { readAvifHeader } from './avif-header.ts';
import type { ImageFormat, ImageHeader } from './image-header.ts';
import { readJpegHeader } from './jpeg-header.ts';
import { readPngHeader } from './png-header.ts';
import { readTiffHeader } from './tiff-header.ts';
import { readWebpHeader } from './webp-header.ts';

/** A reader gets the whole file and throws RangeError where it reads past its end. */
type Reader = (bytes: Buffer) => Omit<ImageHeader, 'format'>;

interface Format {
  readonly name: ImageFormat;
  matches(bytes: Buffer): boolean;
  readonly read: Reader;
}

const startsWith =
  (signature: string, at = 0) =>
  (bytes: Buffer): boolean =>
    bytes.toString('latin1', at, at + signature.length) === signature;
const anyOf =
  (...tests: readonly ((bytes: Buffer) => boolean)[]) =>
  (bytes: Buffer): boolean =>
    tests.some((test) => test(bytes));

const formats: readonly Format[] = [
  { name: 'jpeg', matches: startsWith('\xff\xd8\xff'), read: readJpegHeader },
  { name: 'png', matches: startsWith('\x89PNG\r\n\x1a\n'), read: readPngHeader },
  { name: 'gif', matches: anyOf(startsWith('GIF87a'), startsWith('GIF89a')), read: readGifHeader },
  {
    name: 'webp',
    matches: (bytes) => startsWith('RIFF')(bytes) && startsWith('WEBP', 8)(bytes),
    read: readWebpHeader,
  },
  {
    name: 'avif',
    matches: isAvif,
    read: readAvifHeader,
  },
  { name: 'tiff', matches: anyOf(startsWith('II*\0'), startsWith('MM\0*')), read: readTiffHeader },
  { name: 'bmp', matches: startsWith('BM'), read: readBmpHeader },
];

/** Recognises an image by its bytes, whatever its file is called. Throws DataError. */
export function readHeader(bytes: Buffer): ImageHeader {
  if (bytes.length === 0) throw new DataError('EMPTY_FILE', 'expected an image, got an empty file');
  const format = formats.find(({ matches }) => matches(bytes));
  if (format === undefined) throw notAnImage(bytes);
  const header = { format: format.name, ...readOrTruncated(format, bytes) };
  if (header.width > 0 && header.height > 0) return header;
  throw new DataError(
    'DECODE_FAILED',
    `${format.name}: the header declares ${header.width} x ${header.height} pixels`,
  );
}

function readOrTruncated({ name, read }: Format, bytes: Buffer): Omit<ImageHeader, 'format'> {
  try {
    return read(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const message = `${name}: the file ends within its header, after ${bytes.length} bytes`;
    throw new DataError('TRUNCATED', message, { cause });
  }
}

function notAnImage(bytes: Buffer): DataError {
  const text = bytes.toString('latin1', 0, 16);
  const shown = /^[\t\n\r -~]+$/.test(text)
    ? `text that starts with ${JSON.stringify(text)}`
    : `bytes that start with ${bytes.subarray(0, 8).toString('hex').replace(/..\B/g, '$& ')}`;
  return new DataError('NOT_AN_IMAGE', `expected a JPEG, PNG, GIF, WebP, AVIF or TIFF, got ${shown}`);
}

/** The first box lists the brands that the file follows: its own, a version, then any number of others. */
function isAvif(bytes: Buffer): boolean {
  if (!startsWith('ftyp', 4)(bytes)) return false;
  const brands = bytes.subarray(8, bytes.readUInt32BE(0));
  return brands.includes('avif') || brands.includes('avis');
}

function readGifHeader(bytes: Buffer) {
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), orientation: 1 } as const;
}

/** The 12-byte header of OS/2 has 16-bit sizes; later ones 32-bit sizes, the height negative for rows from the top. */
function readBmpHeader(bytes: Buffer) {
  const isOs2 = bytes.readUInt32LE(14) === 12;
  const width = isOs2 ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const height = isOs2 ? bytes.readUInt16LE(20) : Math.abs(bytes.readInt32LE(22));
  return { width, height, orientation: 1 } as const;
}
