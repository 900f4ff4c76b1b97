import { DataError } from '../../../src/core/errors.ts';
import type { Size } from '../../../src/core/image.ts';
import { readAvifHeader } from './avif-header.ts';
import { readJpegHeader } from './jpeg-header.ts';
import { readPngHeader } from './png-header.ts';
import { readTiffHeader } from './tiff-header.ts';
import { readWebpHeader } from './webp-header.ts';

/** How an image is to be turned before it is looked at: EXIF tag 0x0112. 1 as it is; from 5 on the sides swap. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'tiff' | 'bmp';

/** What the first bytes of a file say. Width and height are those of the pixels as they are stored. */
export interface ImageHeader extends Size {
  readonly format: ImageFormat;
  readonly orientation: Orientation;
  /** JPEG only. */
  readonly jpeg?: JpegFrame;
}

export interface JpegFrame {
  /** 1 gray, 3 YCbCr or RGB, 4 CMYK or YCCK. */
  readonly components: number;
  readonly bitsPerSample: number;
  readonly process: 'sequential' | 'progressive' | 'lossless' | 'hierarchical';
  readonly coding: 'huffman' | 'arithmetic';
  /** Of Adobe's APP14 segment: 0 RGB or CMYK, 1 YCbCr, 2 YCCK; undefined without such a segment. */
  readonly adobeTransform: number | undefined;
}

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
    matches: anyOf(startsWith('ftypavif', 4), startsWith('ftypavis', 4)),
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
  return new DataError('NOT_AN_IMAGE', `expected a JPEG, PNG, GIF, WebP, AVIF, TIFF or BMP, got ${shown}`);
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
