import { DataError } from '../../../src/core/errors.ts';
import type { Size } from '../../../src/core/image.ts';
import { type Mask, readMasks } from './masks.ts';

/** How a BMP file's pixels are stored. */
export interface BmpLayout extends Size {
  readonly bits: number;
  readonly runLengths: 'none' | 'RLE8' | 'RLE4';
  readonly isTopDown: boolean;
  /** Packed RGB, of 8 bits and fewer. */
  readonly palette: Buffer;
  /** Red, green and blue, of more bits. */
  readonly masks: readonly Mask[];
  /** Where the pixels start. */
  readonly offset: number;
}

const FILE_HEADER = 14;
/** Bytes of the header that OS/2 had first: sizes of 16 bits, colours of three bytes. */
const OS2 = 12;
/** Bytes of OS/2's second header, whose compressions have other numbers from 3 on. */
const OS2_2 = 64;
const headers: ReadonlySet<number> = new Set([OS2, 40, 52, 56, OS2_2, 108, 124]);
const depths: ReadonlySet<number> = new Set([1, 4, 8, 16, 24, 32]);
const MASKS = 3;
const compressions = ['none', 'RLE8', 'RLE4', 'none'] as const;

/** Whether the bytes start as a BMP file does: text may start with BM, too. */
export const isBmp = (bytes: Buffer): boolean =>
  bytes.toString('latin1', 0, 2) === 'BM' && (bytes.length < 18 || bytes.readUInt32LE(FILE_HEADER) < 256);

/** Throws DataError for a kind that is not read, RangeError where the file ends within its header. */
export function readBmpLayout(bytes: Buffer): BmpLayout {
  const headerBytes = bytes.readUInt32LE(FILE_HEADER);
  if (!headers.has(headerBytes)) throw refused(`a header of ${headerBytes} bytes`);
  const isOs2 = headerBytes === OS2;
  const width = isOs2 ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const height = isOs2 ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(isOs2 ? 24 : 28);
  if (!depths.has(bits)) throw refused(`${bits} bits per pixel`);
  const compression = isOs2 ? 0 : bytes.readUInt32LE(30);
  checkCompression(compression, bits, headerBytes);
  const size = { width, height: Math.abs(height) };
  const more = readColours(bytes, { headerBytes, bits, hasMasks: compression === MASKS });
  return { ...size, bits, runLengths: compressions[compression] as 'none', isTopDown: height < 0, ...more };
}

function checkCompression(compression: number, bits: number, headerBytes: number): void {
  const isRun = (compression === 1 && bits === 8) || (compression === 2 && bits === 4);
  const hasMasks = compression === MASKS && bits > 8 && headerBytes !== OS2_2;
  if (compression === 0 || isRun || hasMasks) return;
  throw refused(`compression ${compression} of ${bits} bits per pixel`);
}

interface Kind {
  readonly headerBytes: number;
  readonly bits: number;
  readonly hasMasks: boolean;
}

function readColours(
  bytes: Buffer,
  { headerBytes, bits, hasMasks }: Kind,
): Pick<BmpLayout, 'palette' | 'masks' | 'offset'> {
  const end = FILE_HEADER + headerBytes;
  const declared = bytes.readUInt32LE(10);
  if (bits > 8) {
    const masks = readMasks(bytes, bits, hasMasks);
    return {
      palette: Buffer.alloc(0),
      masks,
      offset: declared || end + (hasMasks && headerBytes === 40 ? 12 : 0),
    };
  }
  const bytesPerColour = headerBytes === OS2 ? 3 : 4;
  const colours = (headerBytes === OS2 ? 0 : bytes.readUInt32LE(46)) || 1 << bits;
  const afterColours = end + colours * bytesPerColour;
  // some files do not count the palette in
  const offset = declared === end || declared === 0 ? afterColours : declared;
  return { palette: readPalette(bytes.subarray(end, afterColours), bytesPerColour), masks: [], offset };
}

/** Packed RGB of 256 colours, those that are missing black. */
function readPalette(colours: Buffer, bytesPerColour: number): Buffer {
  const palette = Buffer.alloc(3 * 256);
  for (
    let from = 0, to = 0;
    to < palette.length && from + 3 <= colours.length;
    from += bytesPerColour, to += 3
  ) {
    palette[to] = colours[from + 2] as number;
    palette[to + 1] = colours[from + 1] as number;
    palette[to + 2] = colours[from] as number;
  }
  return palette;
}

const refused = (what: string): DataError =>
  new DataError('DECODE_FAILED', `bmp: ${what} is not read; save it with 24 bits per pixel, uncompressed`);
