import type { Size } from '../../src/core/image.ts';
import { isStartOfFrame, marker, segments } from './jpeg-segments.ts';
import { scratchFor } from './scratch.ts';
import { decodeWithTurbo } from './turbo.ts';

/** Of a JPEG whose upper rows can be decoded alone. */
interface TopLayout {
  /** Where the frame header's height lies. */
  readonly heightOffset: number;
  /** Pixels of an MCU, downwards. */
  readonly mcuHeight: number;
}

/**
 * Whether `decodeTop` can decode a part of a file that libjpeg-turbo decodes without complaint: a baseline JPEG of one scan
 * without restarts, its chroma whole or halved in both axes.
 */
export const hasTop = (bytes: Buffer): boolean => topLayout(bytes) !== undefined;

/**
 * Decodes a JPEG of the given size from its first row to at least `bottom`, excluded, into the buffer that `allocate` gives
 * for the part's size, which it returns. Its first `bottom` rows are those of the whole image, bit for bit. Undefined where
 * the part is the whole image or could not be decoded.
 *
 * Only for a file that was decoded whole before: what is wrong with it shows nowhere else. The copy that is decoded declares
 * fewer rows, libjpeg-turbo stops after them and warns of the data that follow, and of all warnings it says the same.
 */
export function decodeTop(
  bytes: Buffer,
  { width, height }: Size,
  bottom: number,
  allocate: (size: Size) => Buffer,
): Size | undefined {
  const layout = topLayout(bytes);
  if (layout === undefined) return undefined;
  const { heightOffset, mcuHeight } = layout;
  // halved chroma is interpolated between neighbours: the row below decides too
  const last = mcuHeight > 8 ? bottom + 1 : bottom;
  const part = { width, height: Math.ceil(last / mcuHeight) * mcuHeight };
  if (part.height >= height) return undefined;
  const file = scratchFor(bytes.length);
  bytes.copy(file);
  file.writeUInt16BE(part.height, heightOffset);
  const pixels = allocate(part);
  const end = pixels.subarray(-Math.min(UNWRITTEN.length, width * 3));
  UNWRITTEN.copy(end);
  decodeWithTurbo(file, pixels);
  return UNWRITTEN.compare(end, 0, end.length, 0, end.length) === 0 ? undefined : part;
}

/** Stands in the last row before it is decoded: where it still stands there, libjpeg-turbo did not come so far. */
const UNWRITTEN = Buffer.from('a JPEG goes here');

function topLayout(bytes: Buffer): TopLayout | undefined {
  if (bytes.readUInt16BE(0) !== START_OF_FILE) return undefined;
  let frame = 0;
  for (const { marker: code, start } of segments(bytes)) {
    if (code === marker.restartInterval && bytes.readUInt16BE(start) > 0) return undefined;
    if (isStartOfFrame(code) && (code !== marker.baselineFrame || frame > 0)) return undefined;
    if (isStartOfFrame(code)) frame = start;
    if (code !== marker.startOfScan) continue;
    const mcuHeight = frame > 0 && bytes[start] === COMPONENTS ? mcuHeightOf(bytes, frame) : undefined;
    return mcuHeight === undefined ? undefined : { heightOffset: frame + 1, mcuHeight };
  }
  return undefined;
}

const START_OF_FILE = 0xffd8;
const COMPONENTS = 3;

/** A frame header: bits, height, width, number of components, then a number, factors and a table for each. */
function mcuHeightOf(bytes: Buffer, frame: number): number | undefined {
  if (bytes[frame + 5] !== COMPONENTS) return undefined;
  const [luma, blue, red] = [frame + 7, frame + 10, frame + 13].map((at) => bytes[at]);
  if (blue !== 0x11 || red !== 0x11) return undefined;
  return luma === 0x22 ? 16 : luma === 0x11 ? 8 : undefined;
}
