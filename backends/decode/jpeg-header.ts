import { DataError } from '../../src/core/errors.ts';
import { orientationIn } from './exif.ts';
import type { ImageHeader, JpegFrame } from './image-header.ts';
import { scanEnd } from './jpeg-scan-end.ts';
import { isStartOfFrame, marker, segments } from './jpeg-segments.ts';

const EXIF_PREFIX = 'Exif\0\0';
const XMP_PREFIX = 'http://ns.adobe.com/xap/1.0/\0';

/** Of so many a block of EXIF data may be made: 1 MiB, where one segment holds what cameras write. */
const MOST_EXIF_SEGMENTS = 16;

/** Reads segments up to the first scan. */
export function readJpegHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  let frame: (Omit<JpegFrame, 'adobeTransform'> & { width: number; height: number }) | undefined;
  let adobeTransform: number | undefined;
  const exif: Buffer[] = [];
  let xmp: Buffer | undefined;
  for (const { marker: code, start, end } of segments(bytes)) {
    if (code === marker.startOfScan || code === marker.endOfImage) break;
    if (isStartOfFrame(code)) frame = readFrame(bytes, code, start);
    if (code === marker.app1) {
      const content = bytes.subarray(start, end);
      if (startsWith(content, EXIF_PREFIX)) exif.push(content.subarray(EXIF_PREFIX.length));
      if (startsWith(content, XMP_PREFIX)) xmp = content.subarray(XMP_PREFIX.length);
    }
    if (code === marker.app14 && bytes.toString('latin1', start, start + 5) === 'Adobe') {
      adobeTransform = bytes.readUInt8(start + 11);
    }
  }
  if (frame === undefined)
    throw new DataError('DECODE_FAILED', 'jpeg: no frame header before the first scan');
  const { width, height, ...rest } = frame;
  const orientation = orientationIn(exifBlocks(exif), xmp);
  return { width, height, orientation, jpeg: { ...rest, adobeTransform } };
}

const startsWith = (content: Buffer, prefix: string): boolean =>
  content.toString('latin1', 0, prefix.length) === prefix;

/** A block goes over all segments that follow. Where it cannot be read, another may start with a later one. */
function* exifBlocks(contents: readonly Buffer[]): Generator<Buffer> {
  const [first, ...rest] = contents.slice(0, MOST_EXIF_SEGMENTS);
  if (first === undefined) return;
  yield rest.length === 0 ? first : Buffer.concat([first, ...rest]);
  yield* exifBlocks(rest);
}

/**
 * The file with all its rows: as it is where its end marker is there; up to the last row where that is there and no end
 * marker, whatever follows instead. Undefined where the file was cut off.
 */
export function completeJpeg(bytes: Buffer, { process, coding }: JpegFrame): Buffer | undefined {
  try {
    if (hasEndMarker(bytes)) return bytes;
    const end = process === 'sequential' && coding === 'huffman' ? scanEnd(bytes) : undefined;
    if (end === undefined) return undefined;
    return Buffer.concat([bytes.subarray(0, end), Buffer.from([0xff, marker.endOfImage])]);
  } catch (error) {
    // all readers of segments throw it at the end of the file
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A start marker after a scan belongs to another image, which follows a file that was cut off. */
function hasEndMarker(bytes: Buffer): boolean {
  let scans = 0;
  try {
    for (const { marker: code } of segments(bytes)) {
      if (code === marker.endOfImage) return true;
      if (code === marker.startOfImage && scans > 0) return false;
      if (code === marker.startOfScan) scans++;
    }
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
