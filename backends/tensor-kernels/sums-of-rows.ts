import type { Numbers } from './tensor-kernel.ts';

/** So many tiles keep the cores of most machines busy. */
const MOST_TILES = 16;

/** A CPU's tiles of sums over rows: a row for each part, which is divided by columns where there are few. */
export const tilesOfSums = (parts: number, { c4 }: Numbers<'c4'>): [number, number] => [
  Math.min(Math.ceil(MOST_TILES / parts), Math.ceil(c4 / 16)),
  parts,
];

/** Rows that are summed at a time, as many as stay in the nearest cache: sums-of-rows.as.ts has the same. */
export const rowsOfBlock = ({ c4 }: Numbers<'c4'>): number => Math.max(1, Math.floor(2048 / c4));
