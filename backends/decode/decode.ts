import { DataError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import { decodeAvif } from './avif.ts';
import { decodeBmp } from './bmp/decode-bmp.ts';
import { truncated } from './file-end.ts';
import { decodeGif } from './gif/decode-gif.ts';
import { readHeader } from './header.ts';
import type { ImageHeader, JpegFrame } from './image-header.ts';
import { completeJpeg } from './jpeg-header.ts';
import { decodePng } from './png.ts';
import { decodePnm } from './pnm/decode-pnm.ts';
import { decodeTiff } from './tiff/decode-tiff.ts';
import { decodeWithTurbo } from './turbo.ts';
import { decodeWithSharp } from './with-sharp.ts';

export const dctMethods = ['fast', 'accurate'] as const;
export type DctMethod = (typeof dctMethods)[number];
export const orientationModes = ['ignore', 'apply'] as const;

/** How encoded images are decoded. */
export interface DecodeOptions {
  /** 'fast': libjpeg-turbo's fast DCT, within a few levels of 'accurate', which is Pillow's and slower. */
  readonly dct: DctMethod;
  /** 'apply' turns the image as its EXIF orientation says. */
  readonly orientation: (typeof orientationModes)[number];
  /** Larger images are refused from their header, before memory is taken. */
  readonly maxPixels: number;
}

/** The default of `maxPixels`: Pillow's warning limit. */
export const DEFAULT_MAX_PIXELS = 89_478_485;

/** Size of the image that `decodeImage` will give, from its header alone. Throws DataError. */
export function imageSize(bytes: Buffer, options: DecodeOptions): Size {
  return resultSize(checkedHeader(bytes, options), options);
}

/**
 * Decodes an image file to packed u8 RGB, into the buffer that `allocate` gives for its size: what Pillow's
 * `convert('RGB')` gives. Alpha is dropped, gray repeated, 16 bits cut to their upper 8; of an animation the first
 * frame is taken. Ordinary JPEGs and PNGs are decoded before this returns, everything else in a promise. Throws or
 * rejects with DataError.
 *
 * Equal to Pillow bit for bit (test/golden/decode.test.ts, formats.test.ts) with these exceptions. JPEG: the fast DCT
 * stays within 21 levels, 1.5 on average. Gray of 16 bits: Pillow clips it to 0..255. GIF: pixels marked transparent
 * become black. AVIF: 1 level, of more than 8 bits or of limited range 3, with halved chroma more, since libheif repeats
 * chroma where Pillow's libavif interpolates it. AVIF and TIFF are always turned as the file says.
 */
export function decodeImage(
  bytes: Buffer,
  options: DecodeOptions,
  allocate: (size: Size) => Buffer,
): Size | Promise<Size> {
  const header = checkedHeader(bytes, options);
  const size = resultSize(header, options);
  const orientation = options.orientation === 'apply' ? header.orientation : 1;
  if (options.dct === 'fast' && orientation === 1 && header.jpeg !== undefined && isOrdinary(header.jpeg)) {
    if (decodeWithTurbo(bytes, allocate(size))) return size;
  }
  if (header.jpeg !== undefined) {
    const complete = completeJpeg(bytes, header.jpeg);
    if (complete === undefined) throw truncated(header.format, header);
    if (complete !== bytes) return decodeImage(complete, options, allocate);
  }
  if (header.format === 'png' && orientation === 1 && decodePng(bytes, size, allocate)) return size;
  if (header.gif !== undefined) return decodeGif(bytes, header.gif, allocate);
  if (header.bmp !== undefined) return decodeBmp(bytes, header.bmp, allocate);
  if (header.pnm !== undefined) return decodePnm(bytes, header.pnm, allocate);
  if (header.tiff !== undefined) return decodeTiff(bytes, header.tiff, size, allocate);
  if (header.format === 'avif') return decodeAvif(bytes, header, options.maxPixels, allocate);
  return decodeWithSharp(bytes, header, { orientation, size, maxPixels: options.maxPixels }, allocate).catch(
    (error) => {
      throw error instanceof DataError && isCutOff(bytes, header)
        ? truncated(header.format, header, error)
        : error;
    },
  );
}

function checkedHeader(bytes: Buffer, options: DecodeOptions): ImageHeader {
  const header = readHeader(bytes);
  checkPixels(header, options);
  return header;
}

/** Throws DataError where a header declares more pixels than `maxPixels`. */
export function checkPixels(
  { format, width, height }: Pick<ImageHeader, 'format' | keyof Size>,
  { maxPixels }: Pick<DecodeOptions, 'maxPixels'>,
): void {
  if (width * height <= maxPixels) return;
  throw new DataError(
    'TOO_MANY_PIXELS',
    `${format}: the header declares ${width} x ${height} = ${width * height} pixels, the limit is ${maxPixels} (maxPixels)`,
  );
}

/** Size of the image that a checked header announces. */
export function resultSize(
  { width, height, orientation }: Pick<ImageHeader, 'orientation' | keyof Size>,
  options: DecodeOptions,
): Size {
  const isSideways = options.orientation === 'apply' && orientation >= 5;
  return isSideways ? { width: height, height: width } : { width, height };
}

const isOrdinary = ({ components, bitsPerSample, process, coding }: JpegFrame): boolean =>
  (components === 1 || components === 3) &&
  bitsPerSample === 8 &&
  (process === 'sequential' || process === 'progressive') &&
  coding === 'huffman';

function isCutOff(bytes: Buffer, { format }: ImageHeader): boolean {
  if (format === 'png') return !bytes.includes('IEND');
  if (format === 'webp') return bytes.readUInt32LE(4) + 8 > bytes.length;
  return false;
}
