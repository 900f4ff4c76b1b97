import { DataError } from '../../src/core/errors.ts';
import type { Box, Size } from '../../src/core/image.ts';
import { assemble, coveringIntervals, type IntervalRange, pixelsOf } from './assemble.ts';
import { checkPixels, type DecodeOptions, decodeImage, resultSize } from './decode.ts';
import type { IntervalJpeg } from './interval-jpeg.ts';
import { scratchFor } from './scratch.ts';
import { decodeWithTurbo } from './turbo.ts';

/** What `imageSize` gives for the whole file, without its header being read. Throws DataError. */
export function intervalImageSize(jpeg: IntervalJpeg, options: DecodeOptions): Size {
  checkPixels({ format: 'jpeg', width: jpeg.width, height: jpeg.height }, options);
  return resultSize(jpeg, options);
}

/**
 * Decodes a part of an image that contains `box` to packed u8 RGB, into the buffer that `allocate` gives for its size,
 * and says which part it is. Inside `box` the pixels are those that `decodeImage` gives for the whole file, bit for bit;
 * at the edges around it interpolated chroma may differ. Only the intervals that `box` needs are read, save where the
 * image is to be turned: then it is decoded whole, and `box` is a part of the turned image. Throws or rejects with
 * DataError.
 */
export function decodeRegion(
  jpeg: IntervalJpeg,
  box: Box,
  options: DecodeOptions,
  allocate: (size: Size) => Buffer,
): Box | Promise<Box> {
  checkPixels({ format: 'jpeg', width: jpeg.width, height: jpeg.height }, options);
  if (options.orientation === 'apply' && jpeg.orientation !== 1) return decodeTurned(jpeg, options, allocate);
  const range = coveringIntervals(jpeg, box);
  const region = pixelsOf(jpeg, range);
  const isWhole = region.width === jpeg.width && region.height === jpeg.height;
  const file = isWhole ? jpeg.bytes : assembleInScratch(jpeg, range, region);
  if (options.dct === 'accurate') return decodeAccurately(jpeg, file, region, options, allocate);
  if (!decodeWithTurbo(file, allocate(region))) throw damaged(jpeg);
  return region;
}

async function decodeTurned(
  { bytes }: IntervalJpeg,
  options: DecodeOptions,
  allocate: (size: Size) => Buffer,
): Promise<Box> {
  return { left: 0, top: 0, ...(await decodeImage(bytes, options, allocate)) };
}

/**
 * From a copy of `file`, since the next region may be assembled before this one is decoded. sharp takes damaged data
 * that still decode, as `decodeImage` does.
 */
async function decodeAccurately(
  jpeg: IntervalJpeg,
  file: Buffer,
  region: Box,
  options: DecodeOptions,
  allocate: (size: Size) => Buffer,
): Promise<Box> {
  const copy = file === jpeg.bytes ? file : Buffer.from(file);
  try {
    await decodeImage(copy, { ...options, orientation: 'ignore' }, allocate);
    return region;
  } catch (cause) {
    throw cause instanceof DataError ? damaged(jpeg, cause) : cause;
  }
}

function assembleInScratch(jpeg: IntervalJpeg, range: IntervalRange, region: Box): Buffer {
  const scratch = scratchFor(jpeg.bytes.length);
  try {
    return scratch.subarray(0, assemble(jpeg, range, region, scratch));
  } catch (cause) {
    // an interval that ends outside the file
    if (cause instanceof RangeError) throw damaged(jpeg, cause);
    throw cause;
  }
}

const damaged = ({ width, height }: IntervalJpeg, cause?: unknown): DataError =>
  new DataError('DAMAGED_RECORD', `jpeg: the stored record of ${width} x ${height} pixels is damaged`, {
    cause,
  });
