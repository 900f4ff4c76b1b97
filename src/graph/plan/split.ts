import type { Shape } from '../node.ts';

/**
 * How sums over rows are split into parts: the rows of a part. They depend on the shape alone: a sum has the same bits on every
 * device of a kind.
 */
export interface Split {
  /** A product with n outputs. */
  product(rows: number, n: number): number;
  /** The gradient of a product's weights [n, k]. */
  filterGradient(rows: number, n: number, k: number): number;
  /** Sums of a tensor's columns. */
  columns(shape: Shape): number;
  /** A filter over images, where `shape` has the rows that are split. */
  window(shape: Shape): number;
}

export const partsOf = (rows: number, chunk: number): number => Math.ceil(rows / chunk);
