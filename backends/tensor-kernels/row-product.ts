import type { Numbers } from './tensor-kernel.ts';

/** Rows that a workgroup multiplies at a time, 8 a thread: a chunk of whole tiles leaves no thread idle. */
export const tileRows = 128;

/** What a product of rows with n and k channels is told. */
export const productParameters = {
  rows: 'u32',
  n4: 'u32',
  k4: 'u32',
  sampleRows: 'u32',
  chunk: 'u32',
} as const;

/** A product of rows and weights, [rows, k] times [k, n]: its parameters are rows, n4, k4 and chunk, its output is `out`. */
export interface RowProduct {
  /** The lazy operand whose rows are multiplied. */
  readonly rows: string;
  /** How the weights `w` lie: each row the k factors of an output channel, or the n channels that a factor goes to. */
  readonly weights: 'nk' | 'kn';
  /** Text of an output's value, by the texts of the sum, of the row and of the channel / 4. */
  value(sum: string, row: string, c: string): string;
}

/** So many tiles keep the cores of most machines busy. */
const MOST_TILES = 16;
/** Fewer columns a tile would read the rows too often. */
const LEAST_COLUMNS = 32;

/** A CPU's tiles of a product: chunks of rows, which are divided by columns where there are few. */
export function productTiles({ rows, n4, chunk }: Numbers<'rows' | 'n4' | 'chunk'>): [number, number] {
  const chunks = Math.ceil(rows / chunk);
  const columns = Math.min(Math.ceil(MOST_TILES / chunks), Math.ceil((4 * n4) / LEAST_COLUMNS));
  return [columns, chunks];
}

/** The most columns / 4 of a tile: whole panels (`confine` in wasm-call.as.ts). */
export const tileWidth4 = (n4: number, columns: number): number => 2 * Math.ceil(Math.ceil(n4 / 2) / columns);
