import { DataError } from '../../../src/core/errors.ts';
import type { ImageHeader, JpegFrame } from './image-header.ts';
import { readExifOrientation } from './tiff-header.ts';

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const APP1 = 0xe1;
const APP14 = 0xee;

/** Reads segments up to the first scan. Bytes between segments are skipped, as libjpeg does. */
export function readJpegHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  let frame: (Omit<JpegFrame, 'adobeTransform'> & { width: number; height: number }) | undefined;
  let adobeTransform: number | undefined;
  let orientation: ImageHeader['orientation'] = 1;
  for (const { marker, start, end } of segments(bytes)) {
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) break;
    if (isStartOfFrame(marker)) frame = readFrame(bytes, marker, start);
    if (marker === APP1 && bytes.toString('latin1', start, start + 6) === 'Exif\0\0') {
      orientation = readExifOrientation(bytes.subarray(start + 6, end));
    }
    if (marker === APP14 && bytes.toString('latin1', start, start + 5) === 'Adobe') {
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
    for (const { marker } of segments(bytes)) if (marker === END_OF_IMAGE) return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}

interface Segment {
  readonly marker: number;
  /** First byte after the length, and first byte after the segment. */
  readonly start: number;
  readonly end: number;
}

/** Every marker from the second on; throws RangeError at the end of the file. */
function* segments(bytes: Buffer): Generator<Segment> {
  let at = 2;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) throw new RangeError('no further marker');
    while (bytes[at] === 0xff) at++;
    const marker = bytes.readUInt8(at);
    at++;
    // FF 00 is a byte of a scan, FF D0 .. FF D7 are restart markers within one
    if (marker === 0 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const hasLength = marker !== END_OF_IMAGE;
    const end = hasLength ? at + bytes.readUInt16BE(at) : at;
    yield { marker, start: at + 2, end };
    at = end;
  }
}

/** SOF0 .. SOF15, without the three markers among them that mean something else. */
const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** The low bits of the marker tell how the frame is coded: ITU-T T.81, table B.1. */
function readFrame(bytes: Buffer, marker: number, start: number) {
  const kind = marker & 3;
  const isHierarchical = (marker & 4) !== 0;
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
    coding: marker & 8 ? 'arithmetic' : 'huffman',
  } as const;
}
