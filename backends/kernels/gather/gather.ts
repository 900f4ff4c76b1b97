import { defineKernel, table, u32 } from '../kernel.ts';
import { copyPixel } from '../pixel.ts';

/**
 * Output pixel (x, y) is the input's at (columns[x], rows[y]); `fill`, R | G << 8 | B << 16, where that lies outside.
 * `columns`: one index a column, `rows`: one a row. For axis-aligned maps that fixed point does not hit exactly.
 */
export const gather = defineKernel({
  name: 'gather',
  layout: { columns: table('i32'), rows: table('i32'), fill: u32 },
  reference({ columns, rows, fill }, input, output) {
    const { width, height } = input;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        copyPixel(input, columns[x] as number, rows[y] as number, fill, output, (y * width + x) * 3);
      }
    }
  },
});
