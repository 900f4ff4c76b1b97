import { DataError } from '../../src/core/errors.ts';
import type { ImageHeader, JpegFrame } from './image-header.ts';
import { isStartOfFrame, marker, segments } from './jpeg-segments.ts';
import { readExifOrientation } from './tiff-header.ts';

/** Reads segments up to the first scan. */
export function readJpegHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  let frame: (Omit<JpegFrame, 'adobeTransform'> & { width: number; height: number }) | undefined;
  let adobeTransform: number | undefined;
  let orientation: ImageHeader['orientation'] = 1;
  for (const { marker: code, start, end } of segments(bytes)) {
    if (code === marker.startOfScan || code === marker.endOfImage) break;
    if (isStartOfFrame(code)) frame = readFrame(bytes, code, start);
    if (code === marker.app1 && bytes.toString('latin1', start, start + 6) === 'Exif\0\0') {
      orientation = readExifOrientation(bytes.subarray(start + 6, end));
    }
    if (code === marker.app14 && bytes.toString('latin1', start, start + 5) === 'Adobe') {
      adobeTransform = bytes.readUInt8(start + 11);
    }
  }
  if (frame === undefined)
    throw new DataError('DECODE_FAILED', 'jpeg: no frame header before the first scan');
  const { width, height, ...rest } = frame;
  return { width, height, orientation, jpeg: { ...rest, adobeTransform } };
}

/** Whether the end marker follows the last scan; where it does not, the file was cut off. */
export function hasEndMarker(bytes: Buffer): boolean {
  try {
    for (const segment of segments(bytes)) if (segment.marker === marker.endOfImage) return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}

/** The low bits of the marker tell how the frame is coded: ITU-T T.81, table B.1. */
function readFrame(bytes: Buffer, code: number, start: number) {
  const kind = code & 3;
  const isHierarchical = (code & 4) !== 0;
  return {
    bitsPerSample: bytes.readUInt8(start),
    height: bytes.readUInt16BE(start + 1),
    width: bytes.readUInt16BE(start + 3),
    components: bytes.readUInt8(start + 5),
    process: isHierarchical
      ? 'hierarchical'
      : kind === 3
        ? 'lossless'
        : kind === 2
          ? 'progressive'
          : 'sequential',
    coding: code & 8 ? 'arithmetic' : 'huffman',
  } as const;
}
