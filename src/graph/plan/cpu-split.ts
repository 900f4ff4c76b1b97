import { channelsOf, rowsOf, type Shape } from '../node.ts';
import type { Split } from './split.ts';

/** Values of a tile that stays in a core's own cache between two passes. */
const TILE_VALUES = 16_384;
/** Rows that read a panel of weights while it is in the nearest cache. */
const PRODUCT_ROWS = 128;
/** Pixels of a tile of images. */
const TILE_PIXELS = 1600;
/** Pixels of a tile of small images. */
const SMALL_TILE_PIXELS = 128;
/** A band of fewer rows would read more rows around it than its own. */
const LEAST_BAND = 4;
/** Weights from which on their gradient is one part: more parts would take longer to add than they save. */
const LARGE_FILTER = 16_384;
/** The most parts of a small filter's gradient: enough for the cores of most machines. */
const FILTER_PARTS = 32;
const LEAST_PART_ROWS = 512;

export const cpuSplit: Split = {
  product: (rows) => Math.min(rows, PRODUCT_ROWS),
  filterGradient(rows, n, k) {
    if (n * k >= LARGE_FILTER) return rows;
    return Math.min(rows, Math.max(LEAST_PART_ROWS, 8 * Math.ceil(rows / FILTER_PARTS / 8)));
  },
  columns: (shape) => Math.min(rowsOf(shape), Math.max(8, Math.floor(TILE_VALUES / channelsOf(shape)))),
  window: windowRows,
};

/** Whole small images, or a band of rows that divides the height evenly. */
function windowRows(shape: Shape): number {
  const [samples = 1, height = 1, width = 1] = shape;
  const pixels = height * width;
  if (pixels <= TILE_PIXELS) return pixels * Math.min(samples, Math.floor(SMALL_TILE_PIXELS / pixels) || 1);
  const bands = divisorsOf(height);
  const largest = bands.findLast((band) => band * width <= TILE_PIXELS) ?? 1;
  const band = largest >= LEAST_BAND ? largest : (bands.find((one) => one >= LEAST_BAND) ?? height);
  return band * width;
}

const divisorsOf = (number: number): number[] =>
  Array.from({ length: number }, (_, i) => i + 1).filter((divisor) => number % divisor === 0);
