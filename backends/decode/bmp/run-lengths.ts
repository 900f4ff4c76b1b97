import type { BmpLayout } from './layout.ts';

const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const DELTA = 2;

/**
 * The indices that a BMP's runs (RLE8, RLE4) stand for, a byte each, row after row without padding; fewer than there
 * are pixels where the data end before. Pixels that are skipped are 0.
 */
export function expandRuns(bytes: Buffer, { width, height, runLengths, offset }: BmpLayout): Uint8Array {
  const indices = new Uint8Array(width * height);
  const bits = runLengths === 'RLE4' ? 4 : 8;
  const rowEnd = (at: number) => Math.ceil(at / width) * width;
  let filled = 0;
  // how far a run may go; an absolute run may lead over the row's end, as in Pillow
  let x = 0;
  for (let at = offset; filled < indices.length && at + 2 <= bytes.length; ) {
    const [count, value] = [bytes[at], bytes[at + 1]] as [number, number];
    at += 2;
    if (count > 0) {
      const run = Math.min(count, Math.max(0, width - x), indices.length - filled);
      for (let i = 0; i < run; i++) indices[filled + i] = bits === 8 ? value : nibble(value, i);
      filled += run;
      x += run;
    } else if (value === END_OF_LINE) {
      filled = rowEnd(filled);
      x = 0;
    } else if (value === END_OF_BITMAP) {
      break;
    } else if (value === DELTA) {
      if (at + 2 > bytes.length) break;
      filled = Math.min(indices.length, filled + (bytes[at] as number) + (bytes[at + 1] as number) * width);
      x = filled % width;
      at += 2;
    } else {
      const run = Math.min(value, indices.length - filled);
      const length = Math.ceil((run * bits) / 8);
      if (at + length > bytes.length) break;
      for (let i = 0; i < run; i++) {
        indices[filled + i] =
          bits === 8 ? (bytes[at + i] as number) : nibble(bytes[at + (i >> 1)] as number, i);
      }
      filled += run;
      x += value;
      at += length;
      // absolute runs end at even places
      at += at & 1;
    }
  }
  return indices.subarray(0, filled);
}

const nibble = (byte: number, i: number): number => (i % 2 === 0 ? byte >> 4 : byte & 15);
