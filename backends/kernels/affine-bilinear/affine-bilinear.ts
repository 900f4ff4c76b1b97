import type { RawImage } from '../../../src/core/image.ts';
import { clampIndex, positionAt } from '../coordinates.ts';
import { defineKernel, table, u32 } from '../kernel.ts';
import { writePixel } from '../pixel.ts';

/** What a weight of 1 is. What a weight has above its lowest 15 bits is multiplied apart: all sums fit 32 bits then. */
const ONE = 2 ** 29;

/**
 * Output pixel (x, y) is the input at (a0 x + a1 y + a2, a3 x + a4 y + a5), interpolated between 2 x 2 pixels, the
 * outermost ones repeated beyond the border. All integers, cut to whole levels: within 1 level of Pillow's float64.
 * Arguments are those of affine-bicubic; a fraction is cut to 29 bits, so a2 and a5 have half of the last added.
 * Call it through `affine`.
 */
export const affineBilinear = defineKernel({
  name: 'affine-bilinear',
  layout: { coordinates: table('i32'), runs: table('u32'), fill: u32 },
  reference({ coordinates, runs, fill }, input, output) {
    const { width, height } = input;
    for (let y = 0; y < height; y++) {
      const run = runs[y] as number;
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 3;
        if (x < (run & 0xffff) || x >= run >>> 16) writePixel(output, at, fill);
        else
          interpolate(input, positionAt(coordinates, 0, x, y), positionAt(coordinates, 6, x, y), output, at);
      }
    }
  },
});

function interpolate(input: RawImage, x: number, y: number, output: Uint8Array, at: number): void {
  const { data, width, height } = input;
  const [left, right, fractionX] = tapsAt(x, width);
  const [top, bottom, fractionY] = tapsAt(y, height);
  // one product is rounded, so that the four weights add up to 1
  const both = product(fractionX, fractionY);
  const [onlyX, onlyY] = [fractionX - both, fractionY - both];
  const neither = ONE - fractionX - onlyY;
  const levelAt = (row: number, column: number, channel: number) =>
    data[(row * width + column) * 3 + channel] as number;
  for (let channel = 0; channel < 3; channel++) {
    const upper = neither * levelAt(top, left, channel) + onlyX * levelAt(top, right, channel);
    const lower = onlyY * levelAt(bottom, left, channel) + both * levelAt(bottom, right, channel);
    output[at + channel] = Math.floor((upper + lower) / ONE);
  }
}

/** In two steps, since products of 58 bits are not exact. */
function product(x: number, y: number): number {
  const [high, low] = [Math.floor(y / 2 ** 15), y % 2 ** 15];
  return Math.floor((x * high + Math.floor((x * low) / 2 ** 15)) / 2 ** 14);
}

/** Indices of the two taps of an axis, and how far the position lies from the first to the second. */
function tapsAt(position: number, length: number): [first: number, second: number, fraction: number] {
  const whole = Math.floor(position / 2 ** 32);
  const fraction = Math.floor((position - whole * 2 ** 32) / 2 ** 3);
  return [clampIndex(whole, length - 1), clampIndex(whole + 1, length - 1), fraction];
}
