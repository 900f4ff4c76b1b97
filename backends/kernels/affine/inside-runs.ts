import type { Size } from '../../../src/core/image.ts';
import type { AffineMatrix } from './matrix.ts';

/** For every row the columns [first, last), as first | last << 16, whose source lies inside by Pillow's float64. */
export function insideRuns([a, b, c, d, e, f]: AffineMatrix, { width, height }: Size): Uint32Array {
  const runs = new Uint32Array(height);
  for (let y = 0; y < height; y++) {
    const x0 = b * (y + 0.5);
    const y0 = e * (y + 0.5);
    const firstX = columnPast(a < 0 ? width : 0, a, x0, c, width);
    const firstY = columnPast(d < 0 ? height : 0, d, y0, f, width);
    const lastX = columnPast(a < 0 ? 0 : width, a, x0, c, width);
    const lastY = columnPast(d < 0 ? 0 : height, d, y0, f, width);
    const first = Math.max(firstX, firstY);
    runs[y] = first | (Math.max(first, Math.min(lastX, lastY)) << 16);
  }
  return runs;
}

/**
 * The first of a row's columns whose position, slope * (x + 0.5) + row + start, has reached `bound`: is at least as large,
 * or, where the slope is negative, less. `width` where there is none.
 */
function columnPast(bound: number, slope: number, row: number, start: number, width: number): number {
  const isRising = slope >= 0;
  // most rows lie inside from end to end
  if (slope * 0.5 + row + start >= bound === isRising) return 0;
  if (slope * (width - 0.5) + row + start >= bound !== isRising) return width;
  // the division may round to a neighbour; positions, once rounded, still change one way
  let x = Math.max(1, Math.min(width - 1, Math.ceil((bound - start - row) / slope - 0.5)));
  while (x > 1 && slope * (x - 0.5) + row + start >= bound === isRising) x--;
  while (slope * (x + 0.5) + row + start >= bound !== isRising) x++;
  return x;
}
