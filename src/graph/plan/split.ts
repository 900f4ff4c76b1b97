/**
 * How many rows a part of a sum over rows has: by the shape alone, so that a sum has the same bits on every device of a kind.
 * There are about `most` parts, and each has whole tiles of `tileRows`.
 */
export function chunkOf(rows: number, most: number, tileRows = 64): number {
  const tiles = Math.ceil(rows / tileRows);
  return tileRows * Math.ceil(tiles / Math.max(1, Math.floor(most)));
}

export const partsOf = (rows: number, chunk: number): number => Math.ceil(rows / chunk);
