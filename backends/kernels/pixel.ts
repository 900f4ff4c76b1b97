import type { RawImage } from '../../src/core/image.ts';

export type Rgb = readonly [number, number, number];

/** A colour as one word, R | G << 8 | B << 16. */
export function packPixel([r, g, b]: Rgb): number {
  return r | (g << 8) | (b << 16);
}

/** Writes a packed colour as three bytes. */
export function writePixel(output: Uint8Array, at: number, pixel: number): void {
  output[at] = pixel;
  output[at + 1] = pixel >> 8;
  output[at + 2] = pixel >> 16;
}

/** Copies the input's pixel at (x, y), or writes `fill` where that lies outside. */
export function copyPixel(
  input: RawImage,
  x: number,
  y: number,
  fill: number,
  output: Uint8Array,
  at: number,
): void {
  const { data, width, height } = input;
  if (x < 0 || x >= width || y < 0 || y >= height) {
    writePixel(output, at, fill);
    return;
  }
  const from = (y * width + x) * 3;
  for (let channel = 0; channel < 3; channel++) output[at + channel] = data[from + channel] as number;
}
