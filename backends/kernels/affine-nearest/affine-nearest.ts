import { defineKernel, i32, u32 } from '../kernel.ts';
import { copyPixel } from '../pixel.ts';

/**
 * Output pixel (x, y) is the input's at (a0 x + a1 y + a2, a3 x + a4 y + a5) >> 16: 16.16 fixed point, the half pixel of
 * the centres already added. Outside the image: `fill`, R | G << 8 | B << 16. Coordinates must fit 16.16, that is stay
 * within 32,768 pixels. Call it through `affine`.
 */
export const affineNearest = defineKernel({
  name: 'affine-nearest',
  layout: { a0: i32, a1: i32, a2: i32, a3: i32, a4: i32, a5: i32, fill: u32 },
  reference({ a0, a1, a2, a3, a4, a5, fill }, input, output) {
    const { width, height } = input;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const sourceX = (a0 * x + a1 * y + a2) >> 16;
        const sourceY = (a3 * x + a4 * y + a5) >> 16;
        copyPixel(input, sourceX, sourceY, fill, output, (y * width + x) * 3);
      }
    }
  },
});
