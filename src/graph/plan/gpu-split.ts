import { tileRows } from '../../../backends/tensor-kernels/row-product.ts';
import { channelsOf, rowsOf, type Shape } from '../node.ts';
import type { Split } from './split.ts';

/** About so many workgroups keep a large GPU busy. */
const WORKGROUPS = 1024;

/** Workgroups side by side: each has 64 channels. */
const columnsOf = (channels: number): number => Math.ceil(channels / 64);

/** There are about `most` parts, and each has whole tiles of `rowsOfTile`. */
function chunkOf(rows: number, most: number, rowsOfTile = 64): number {
  const tiles = Math.ceil(rows / rowsOfTile);
  return rowsOfTile * Math.ceil(tiles / Math.max(1, Math.floor(most)));
}

/** The rows of a part, for a kernel whose workgroups have a part of 64 channels each. */
const chunkOfColumns = (shape: Shape): number =>
  chunkOf(rowsOf(shape), WORKGROUPS / columnsOf(channelsOf(shape)));

export const gpuSplit: Split = {
  product: (rows, n) => chunkOf(rows, WORKGROUPS / columnsOf(n), tileRows),
  filterGradient: (rows, n, k) =>
    chunkOf(rows, Math.min(WORKGROUPS / (columnsOf(n) * columnsOf(k)), rows / 256)),
  columns: chunkOfColumns,
  window: chunkOfColumns,
};
