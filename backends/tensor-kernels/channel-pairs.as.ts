/** Bytes of the block of channels that a tile has: 64 of them. */
const BLOCK: usize = 256;

/** Bytes before a block of channels, and before its end. */
export const startOfBlock = (column: usize): usize => column * BLOCK;

export const endOfBlock = (column: usize, c4: usize): usize => min((column + 1) * BLOCK, c4 * 16);

/** Two channels' values, computed with in float64 and stored in float32. */
export class Pair {
  static readonly BYTES: usize = 8;

  @inline
  static load(at: usize): v128 {
    return f64x2.promote_low_f32x4(v128.load64_zero(at));
  }

  @inline
  static store(at: usize, values: v128): void {
    v128.store64_lane(at, f32x4.demote_f64x2_zero(values), 0);
  }
}
