const TILE: usize = 1 << 18;

/** Zeros: a call of two words, where and how many bytes. */
export function clear(call: usize, _column: usize, row: usize, _scratch: usize): void {
  const start = row * TILE;
  memory.fill(load<usize>(call) + start, 0, min(TILE, load<usize>(call, 4) - start));
}
