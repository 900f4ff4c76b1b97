import { DataError } from '../../../src/core/errors.ts';
import type { Size } from '../../../src/core/image.ts';
import { truncated } from '../file-end.ts';
import type { GifLayout } from './layout.ts';
import { expandLzw } from './lzw.ts';

/** The first row of each pass of an interlaced frame, and how far apart its rows are. */
const passes = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/**
 * Decodes the first frame of a GIF file to packed u8 RGB: what Pillow gives, but transparent pixels are black. Around
 * the frame is the transparent colour or, without one, the first of the palette. Throws DataError.
 */
export function decodeGif(bytes: Buffer, layout: GifLayout, allocate: (size: Size) => Buffer): Size {
  const { width, height, frame, isInterlaced, transparent } = layout;
  const size = { width, height };
  const colours = new Uint8Array(frame.width * frame.height);
  const result = expandLzw(...readData(bytes, layout.offset), colours);
  if (result === 'short') throw truncated('gif', size);
  if (result === 'damaged') throw new DataError('DECODE_FAILED', 'gif: a code that stands for nothing');
  const canvas = new Uint8Array(width * height).fill(transparent ?? 0);
  const rows = isInterlaced ? interlacedRows(frame.height) : undefined;
  for (let y = 0; y < frame.height; y++) {
    const row = colours.subarray(y * frame.width, (y + 1) * frame.width);
    canvas.set(row, (frame.top + (rows?.[y] ?? y)) * width + frame.left);
  }
  paint(canvas, layout, allocate(size));
  return size;
}

const interlacedRows = (height: number): number[] =>
  passes.flatMap(([first, step]) =>
    Array.from({ length: Math.ceil(Math.max(0, height - first) / step) }, (_, i) => first + i * step),
  );

/** The data of all whole blocks, and the bits of a colour. */
function readData(bytes: Buffer, offset: number): [Buffer, number] {
  const bits = bytes[offset] ?? 0;
  if (bits > 8) throw new DataError('DECODE_FAILED', `gif: colours of ${bits} bits`);
  const blocks: Buffer[] = [];
  for (let at = offset + 1; at < bytes.length && bytes[at] !== 0; ) {
    const end = at + 1 + (bytes[at] as number);
    if (end > bytes.length) break;
    blocks.push(bytes.subarray(at + 1, end));
    at = end;
  }
  return [Buffer.concat(blocks), bits];
}

function paint(canvas: Uint8Array, { palette, transparent }: GifLayout, target: Buffer): void {
  for (let from = 0, to = 0; from < canvas.length; from++, to += 3) {
    const colour = canvas[from] as number;
    const at = colour * 3;
    const isSeen = colour !== transparent;
    target[to] = isSeen ? (palette[at] as number) : 0;
    target[to + 1] = isSeen ? (palette[at + 1] as number) : 0;
    target[to + 2] = isSeen ? (palette[at + 2] as number) : 0;
  }
}
