import { DataError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import { readAvifHeader } from './avif-header.ts';
import { isBmp, readBmpLayout } from './bmp/layout.ts';
import { readGifLayout } from './gif/layout.ts';
import type { ImageFormat, ImageHeader } from './image-header.ts';
import { readJpegHeader } from './jpeg-header.ts';
import { readPngHeader } from './png-header.ts';
import { isPnm, readPnmLayout } from './pnm/layout.ts';
import { readTiffHeader } from './tiff-header.ts';
import { unreadFormat } from './unread-formats.ts';
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

const own = (format: 'gif' | 'bmp' | 'pnm', layout: Size) => ({
  ...{ width: layout.width, height: layout.height, orientation: 1 as const, [format]: layout },
});

/** TIFF and BigTIFF; some writers swap the bytes of the version. */
const tiffSignatures = ['II*\0', 'MM\0*', 'MM*\0', 'II\0*', 'II+\0', 'MM\0+'] as const;

const formats: readonly Format[] = [
  { name: 'jpeg', matches: startsWith('\xff\xd8\xff'), read: readJpegHeader },
  { name: 'png', matches: startsWith('\x89PNG\r\n\x1a\n'), read: readPngHeader },
  {
    name: 'gif',
    matches: anyOf(startsWith('GIF87a'), startsWith('GIF89a')),
    read: (bytes) => own('gif', readGifLayout(bytes)),
  },
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
  {
    name: 'tiff',
    matches: anyOf(...tiffSignatures.map((signature) => startsWith(signature))),
    read: readTiffHeader,
  },
  { name: 'bmp', matches: isBmp, read: (bytes) => own('bmp', readBmpLayout(bytes)) },
  { name: 'pnm', matches: isPnm, read: (bytes) => own('pnm', readPnmLayout(bytes)) },
];

/** Recognises an image by its bytes, whatever its file is called. Throws DataError. */
export function readHeader(bytes: Buffer): ImageHeader {
  if (bytes.length === 0) throw new DataError('EMPTY_FILE', 'expected an image, got an empty file');
  const format = formats.find(({ matches }) => matches(bytes));
  if (format === undefined) throw unreadFormat(bytes) ?? notAnImage(bytes);
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
  return new DataError(
    'NOT_AN_IMAGE',
    `expected a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP or PPM, got ${shown}`,
  );
}

/** The first box lists the brands that the file follows: its own, a version, then any number of others. */
function isAvif(bytes: Buffer): boolean {
  if (!startsWith('ftyp', 4)(bytes)) return false;
  const brands = bytes.subarray(8, bytes.readUInt32BE(0));
  return brands.includes('avif') || brands.includes('avis');
}
