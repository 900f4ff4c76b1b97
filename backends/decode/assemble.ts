import type { Box } from '../../src/core/image.ts';
import type { IntervalJpeg } from './interval-jpeg.ts';
import { marker } from './jpeg-segments.ts';

/** A rectangle of intervals of an image: columns and rows of them, ends excluded. */
export interface IntervalRange {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** libjpeg interpolates halved chroma only where the image is wider than this. */
const WIDEST_REPEATED_CHROMA = 4;

/**
 * The intervals that decide the pixels of `box`. Where chroma is subsampled it is interpolated between neighbours, so
 * one pixel more on each side has to be decoded.
 */
export function coveringIntervals(jpeg: IntervalJpeg, box: Box): IntervalRange {
  const { mcu, mcusPerInterval, width, height } = jpeg;
  const intervalWidth = mcu.width * mcusPerInterval;
  const [marginX, marginY] = [mcu.width > 8 ? 1 : 0, mcu.height > 8 ? 1 : 0];
  const left = Math.floor(Math.max(0, box.left - marginX) / intervalWidth);
  const isRepeated = marginX > 0 && left > 0 && width - left * intervalWidth <= WIDEST_REPEATED_CHROMA;
  return {
    left: isRepeated ? left - 1 : left,
    right: Math.ceil(Math.min(width, box.left + box.width + marginX) / intervalWidth),
    top: Math.floor(Math.max(0, box.top - marginY) / mcu.height),
    bottom: Math.ceil(Math.min(height, box.top + box.height + marginY) / mcu.height),
  };
}

/** The pixels of these intervals: whole ones, less at the image's right and bottom edge. */
export function pixelsOf({ mcu, mcusPerInterval, width, height }: IntervalJpeg, range: IntervalRange): Box {
  const intervalWidth = mcu.width * mcusPerInterval;
  const left = range.left * intervalWidth;
  const top = range.top * mcu.height;
  return {
    left,
    top,
    width: Math.min(width, range.right * intervalWidth) - left,
    height: Math.min(height, range.bottom * mcu.height) - top,
  };
}

/**
 * Writes a JPEG of these intervals, which has the size of `pixels`, into `target`; returns its length. It is never
 * longer than the whole file.
 */
export function assemble(
  jpeg: IntervalJpeg,
  range: IntervalRange,
  { width, height }: Box,
  target: Buffer,
): number {
  const { bytes, headerBytes, frameSizeOffset, intervalEnds, mcu, mcusPerInterval } = jpeg;
  const intervalsPerRow = Math.ceil(jpeg.width / (mcu.width * mcusPerInterval));
  bytes.copy(target, 0, 0, headerBytes);
  target.writeUInt16BE(height, frameSizeOffset);
  target.writeUInt16BE(width, frameSizeOffset + 2);
  let length = headerBytes;
  let restarts = 0;
  for (let row = range.top; row < range.bottom; row++) {
    const first = row * intervalsPerRow + range.left;
    const last = row * intervalsPerRow + range.right;
    const start = first === 0 ? 0 : (intervalEnds[first - 1] as number);
    const end = intervalEnds[last - 1] as number;
    bytes.copy(target, length, headerBytes + start, headerBytes + end);
    // restart markers count on modulo 8 within a file
    for (let i = first; i < last; i++) {
      target[length + (intervalEnds[i] as number) - start - 1] = marker.restart + (restarts++ & 7);
    }
    length += end - start;
  }
  target[length - 1] = marker.endOfImage;
  return length;
}
