import { DataError } from '../../../src/core/errors.ts';
import type { Box, Size } from '../../../src/core/image.ts';

/** A GIF's canvas and its first frame. */
export interface GifLayout extends Size {
  readonly frame: Box;
  readonly isInterlaced: boolean;
  /** Packed RGB of 256 colours. */
  readonly palette: Buffer;
  readonly transparent: number | undefined;
  /** Where the frame's data start: the bits of a colour, then blocks of codes. */
  readonly offset: number;
}

const SCREEN_END = 13;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/**
 * Reads up to the first frame's data. The canvas is the screen, made larger where the frame leads out of it, as Pillow
 * does. Throws DataError where there is no frame, RangeError where the file ends before.
 */
export function readGifLayout(bytes: Buffer): GifLayout {
  const screen = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  const global = readPalette(bytes, SCREEN_END, bytes.readUInt8(10));
  let transparent: number | undefined;
  let at = global.end;
  for (; bytes.readUInt8(at) !== IMAGE; ) {
    const code = bytes.readUInt8(at);
    if (code === TRAILER) throw new DataError('DECODE_FAILED', 'gif: it holds no frame');
    if (code !== EXTENSION) {
      // what is between blocks is skipped
      at++;
      continue;
    }
    if (bytes.readUInt8(at + 1) === GRAPHIC_CONTROL && bytes.readUInt8(at + 3) & 1)
      transparent = bytes.readUInt8(at + 6);
    at = endOfBlocks(bytes, at + 2);
  }
  const frame = readFrame(bytes, at + 1);
  const flags = bytes.readUInt8(at + 9);
  const local = readPalette(bytes, at + 10, flags);
  return {
    width: Math.max(screen.width, frame.left + frame.width),
    height: Math.max(screen.height, frame.top + frame.height),
    ...{ frame, isInterlaced: (flags & 0x40) !== 0, transparent, offset: local.end },
    palette: local.palette ?? global.palette ?? grayRamp(),
  };
}

function readFrame(bytes: Buffer, at: number): Box {
  const [left, top, width, height] = [0, 2, 4, 6].map((i) => bytes.readUInt16LE(at + i)) as [
    number,
    number,
    number,
    number,
  ];
  if (width > 0 && height > 0) return { left, top, width, height };
  throw new DataError('DECODE_FAILED', `gif: its first frame has ${width} x ${height} pixels`);
}

/** Where a list of blocks ends: each starts with its length, the last is empty. */
function endOfBlocks(bytes: Buffer, start: number): number {
  let at = start;
  for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += length + 1;
  return at + 1;
}

/** Missing colours are black. */
function readPalette(bytes: Buffer, start: number, flags: number): { palette?: Buffer; end: number } {
  if (!(flags & 0x80)) return { end: start };
  const length = 3 << ((flags & 7) + 1);
  const end = start + length;
  bytes.readUInt8(end - 1);
  const palette = Buffer.alloc(3 * 256);
  bytes.copy(palette, 0, start, end);
  return { palette, end };
}

const grayRamp = (): Buffer => Buffer.from(Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3)));
