import type { Size } from '../../../src/core/image.ts';
import { truncated } from '../file-end.ts';
import type { BmpLayout } from './layout.ts';
import { expandRuns } from './run-lengths.ts';

/** Decodes a BMP file to packed u8 RGB: what Pillow gives. Throws DataError. */
export function decodeBmp(bytes: Buffer, layout: BmpLayout, allocate: (size: Size) => Buffer): Size {
  const { width, height, bits, runLengths, isTopDown } = layout;
  const size = { width, height };
  const isPacked = runLengths === 'none';
  const bitsPerPixel = isPacked ? bits : 8;
  // rows end at multiples of four bytes; the last one's padding may be missing
  const bytesPerRow = isPacked ? Math.ceil((width * bits) / 32) * 4 : width;
  const pixels = isPacked ? bytes.subarray(layout.offset) : expandRuns(bytes, layout);
  const needed = bytesPerRow * (height - 1) + Math.ceil((width * bitsPerPixel) / 8);
  if (pixels.length < needed) throw truncated('bmp', size);
  const target = allocate(size);
  const convert = bitsPerPixel <= 8 ? lookUpRow : unpackRow;
  for (let y = 0; y < height; y++) {
    const from = (isTopDown ? y : height - 1 - y) * bytesPerRow;
    convert(pixels, from, bitsPerPixel, layout, target, y * width * 3);
  }
  return size;
}

/** Indices of 1 to 8 bits, the first in a byte's upper bits. */
function lookUpRow(
  pixels: Uint8Array,
  from: number,
  bits: number,
  { width, palette }: BmpLayout,
  target: Buffer,
  at: number,
): void {
  const mask = (1 << bits) - 1;
  for (let x = 0, bit = 0, to = at; x < width; x++, bit += bits, to += 3) {
    const byte = pixels[from + (bit >> 3)] as number;
    const index = ((byte >> (8 - bits - (bit & 7))) & mask) * 3;
    target[to] = palette[index] as number;
    target[to + 1] = palette[index + 1] as number;
    target[to + 2] = palette[index + 2] as number;
  }
}

/** Pixels of 2 to 4 bytes. Pillow spreads a colour's values over 0..255 and rounds down. */
function unpackRow(
  pixels: Uint8Array,
  from: number,
  bits: number,
  { width, masks }: BmpLayout,
  target: Buffer,
  at: number,
): void {
  const bytesPerPixel = bits / 8;
  for (let x = 0; x < width; x++) {
    let pixel = 0;
    for (let i = bytesPerPixel - 1; i >= 0; i--)
      pixel = (pixel << 8) | (pixels[from + x * bytesPerPixel + i] as number);
    for (let channel = 0; channel < 3; channel++) {
      const { shift, largest } = masks[channel] as BmpLayout['masks'][number];
      target[at + x * 3 + channel] = Math.floor((((pixel >>> shift) & largest) * 255) / largest);
    }
  }
}
