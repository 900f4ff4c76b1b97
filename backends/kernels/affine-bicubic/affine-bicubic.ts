import type { RawImage } from '../../../src/core/image.ts';
import { clampIndex, positionAt } from '../coordinates.ts';
import { defineKernel, table, u32 } from '../kernel.ts';
import { writePixel } from '../pixel.ts';

/**
 * Output pixel (x, y) is the input at (a0 x + a1 y + a2, a3 x + a4 y + a5), interpolated by a cubic (a = -1) over 4 x 4
 * pixels, the outermost ones repeated beyond the border. All integers: within 1 level of Pillow's float64.
 * `coordinates`: a0..a5 in 32.32 fixed point, pairs (high, low word); a2 and a5 are of pixel corners, such that whole
 * numbers are pixel centres. `runs`: for each row first | last << 16, the columns [first, last) whose source lies inside;
 * the others become `fill`, R | G << 8 | B << 16. Call it through `affine`.
 */
export const affineBicubic = defineKernel({
  name: 'affine-bicubic',
  layout: { coordinates: table('i32'), runs: table('u32'), fill: u32 },
  scratchBytes: (_, { width }) => 16 * width,
  reference({ coordinates, runs, fill }, input, output) {
    const { width, height } = input;
    for (let y = 0; y < height; y++) {
      const run = runs[y] as number;
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 3;
        if (x < (run & 0xffff) || x >= run >>> 16) {
          writePixel(output, at, fill);
          continue;
        }
        const [left, horizontal] = tapsAt(coordinates, 0, x, y);
        const [top, vertical] = tapsAt(coordinates, 6, x, y);
        for (let channel = 0; channel < 3; channel++) {
          output[at + channel] = interpolate(input, channel, left, top, horizontal, vertical);
        }
      }
    }
  },
});

type Weights = readonly [number, number, number, number];

/** First of the four taps, and their weights. */
function tapsAt(words: Int32Array, offset: number, x: number, y: number): [first: number, Weights] {
  const position = positionAt(words, offset, x, y);
  const whole = Math.floor(position / 2 ** 32);
  const fraction = Math.floor((position - whole * 2 ** 32) / 2 ** 16);
  return [whole - 1, cubicWeights(fraction)];
}

/** Weights of the taps at -1, 0, 1, 2 for a fraction of 16 bits; their sum is 65536, so flat areas stay flat. */
function cubicWeights(d: number): Weights {
  const d2 = Math.floor((d * d + 32768) / 65536);
  const d3 = Math.floor((d2 * d + 32768) / 65536);
  return [-d + 2 * d2 - d3, 65536 - 2 * d2 + d3, d + d2 - d3, d3 - d2];
}

function interpolate(
  { data, width, height }: RawImage,
  channel: number,
  left: number,
  top: number,
  horizontal: Weights,
  vertical: Weights,
): number {
  let sum = 0;
  for (let j = 0; j < 4; j++) {
    const row = clampIndex(top + j, height - 1) * width;
    let rowSum = 0;
    for (let i = 0; i < 4; i++) {
      const pixel = data[(row + clampIndex(left + i, width - 1)) * 3 + channel] as number;
      rowSum += (horizontal[i] as number) * pixel;
    }
    // 12 fraction bits a row: two 32-bit words then hold whole and fraction of the products
    sum += (vertical[j] as number) * ((rowSum + 8) >> 4);
  }
  return Math.max(0, Math.min(255, Math.floor(sum / 2 ** 28)));
}
