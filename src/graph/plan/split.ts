import { channelsOf, rowsOf, type Shape } from '../node.ts';

/** About so many workgroups keep a large GPU busy. */
export const WORKGROUPS = 1024;

/** Workgroups side by side: each has 64 channels. */
export const columnsOf = (channels: number): number => Math.ceil(channels / 64);

/**
 * The rows of a part of a sum over rows. They depend on the shape alone: a sum has the same bits on every device of a kind.
 * There are about `most` parts, and each has whole tiles of `tileRows`.
 */
export function chunkOf(rows: number, most: number, tileRows = 64): number {
  const tiles = Math.ceil(rows / tileRows);
  return tileRows * Math.ceil(tiles / Math.max(1, Math.floor(most)));
}

/** The rows of a part, for a kernel whose workgroups have a part of 64 channels each. */
export const chunkOfColumns = (shape: Shape): number =>
  chunkOf(rowsOf(shape), WORKGROUPS / columnsOf(channelsOf(shape)));

export const partsOf = (rows: number, chunk: number): number => Math.ceil(rows / chunk);
