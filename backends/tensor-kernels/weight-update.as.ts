import { Call } from './wasm-call.as';

/** What a kernel that updates weights is told first: see weight-update.ts. */
@unmanaged
export class Update extends Call {
  weights: usize;
  gradients: usize;
  velocity: usize;
  copy: usize;
  flag: usize;
  state: usize;
}

/** Bytes of each tensor that a tile has: weight-update.ts has the same. */
const TILE: usize = 1 << 16;

/** A tile's bytes, begin and end. */
export const startOfTile = (row: usize): usize => row * TILE;

export const endOfTile = (row: usize, size4: usize): usize => min((row + 1) * TILE, size4 * 16);

export const isSkipped = (p: Update): bool => p.flag !== 0 && load<u32>(p.flag) !== 0;

/** What gradients are multiplied by: the reciprocal of the loss scale, where there is one. */
export const unscaling = (p: Update): f32 => (p.state === 0 ? 1 : 1 / load<f32>(p.state));

/** Copies a tile's updated weights, where a copy is kept. */
export function copyWeightsOf(p: Update, start: usize, end: usize): void {
  if (p.copy !== 0) memory.copy(p.copy + start, p.weights + start, end - start);
}
