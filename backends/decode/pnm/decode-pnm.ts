import type { Size } from '../../../src/core/image.ts';
import { truncated } from '../file-end.ts';
import type { PnmLayout } from './layout.ts';
import { readText } from './text.ts';

/**
 * Decodes a PBM, PGM or PPM file to packed u8 RGB: what Pillow gives, but of gray of more than 8 bits the upper 8.
 * Throws DataError.
 */
export function decodePnm(bytes: Buffer, layout: PnmLayout, allocate: (size: Size) => Buffer): Size {
  const { width, height, channels, isText, isBitmap } = layout;
  const size = { width, height };
  const count = width * height * channels;
  const samples = isText ? readText(bytes, layout, count) : readBinary(bytes, layout);
  if (samples === undefined || samples.length < count) throw truncated('pnm', size);
  const target = allocate(size);
  const levels = isBitmap ? Uint8Array.of(255, 0) : levelsOf(layout);
  const most = levels.length - 1;
  for (let from = 0, to = 0; from < count; from++) {
    // binary samples may be larger than the largest, in Pillow, too
    const level = levels[Math.min(samples[from] as number, most)] as number;
    target[to++] = level;
    if (channels === 3) continue;
    target[to++] = level;
    target[to++] = level;
  }
  return size;
}

/** Samples of a byte or two, the upper first; of a bitmap one bit each, in rows of whole bytes. */
function readBinary(bytes: Buffer, layout: PnmLayout): Uint8Array | Uint16Array | undefined {
  const { width, height, channels, isBitmap, largest, offset } = layout;
  const data = bytes.subarray(offset);
  if (isBitmap) return readBits(data, layout);
  if (largest < 256) return data;
  const count = width * height * channels;
  if (data.length < 2 * count) return undefined;
  return Uint16Array.from({ length: count }, (_, i) => data.readUInt16BE(2 * i));
}

function readBits(data: Buffer, { width, height }: Size): Uint8Array | undefined {
  const bytesPerRow = Math.ceil(width / 8);
  if (data.length < bytesPerRow * height) return undefined;
  const bits = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++)
      bits[to] = ((data[y * bytesPerRow + (x >> 3)] as number) >> (7 - (x & 7))) & 1;
  }
  return bits;
}

/** What every sample becomes. Pillow reads gray of more than 8 bits as 16, of which the upper 8 are taken here. */
function levelsOf({ channels, largest }: PnmLayout): Uint8Array {
  const isDeepGray = channels === 1 && largest > 255;
  return Uint8Array.from({ length: largest + 1 }, (_, sample) =>
    isDeepGray
      ? roundHalfToEven((sample / largest) * 65_535) >> 8
      : roundHalfToEven((sample / largest) * 255),
  );
}

/** Python's rounding. */
function roundHalfToEven(value: number): number {
  const lower = Math.floor(value);
  const rest = value - lower;
  return rest > 0.5 || (rest === 0.5 && lower % 2 === 1) ? lower + 1 : lower;
}
