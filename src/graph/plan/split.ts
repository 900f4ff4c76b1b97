/** Rows that a workgroup of a product of matrices takes at a time. */
const TILE_ROWS = 64;

/**
 * How many rows a part of a sum over rows has: by the shape alone, so that a sum has the same bits on every device of a kind.
 * There are about `most` parts, and each has whole tiles of rows.
 */
export function chunkOf(rows: number, most: number): number {
  const tiles = Math.ceil(rows / TILE_ROWS);
  return TILE_ROWS * Math.ceil(tiles / Math.max(1, Math.floor(most)));
}

export const partsOf = (rows: number, chunk: number): number => Math.ceil(rows / chunk);
