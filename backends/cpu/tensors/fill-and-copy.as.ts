const TILE: usize = 1 << 18;

/** Zeros: a call of two words, where and how many bytes. */
export function clear(call: usize, _column: usize, row: usize, _scratch: usize): void {
  const start = row * TILE;
  memory.fill(load<usize>(call) + start, 0, min(TILE, load<usize>(call, 4) - start));
}

/** A copy: a call of three words, to where, how many bytes, and from where. */
export function copy(call: usize, _column: usize, row: usize, _scratch: usize): void {
  const start = row * TILE;
  const bytes = min(TILE, load<usize>(call, 4) - start);
  memory.copy(load<usize>(call) + start, load<usize>(call, 8) + start, bytes);
}
