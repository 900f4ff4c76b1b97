import { Tile } from './wasm-call.as';

/** Formulas of integers: integers.ts has their meaning. */
export class Integers {
  /** out = the integers for sums of products x, by the channels' vectors. */
  @inline
  static requantizeRows(x: usize, vectors: usize, tile: Tile, out: usize): usize {
    const stride = tile.stride;
    for (let row = tile.rows, start: usize = 0; row > 0; row--, start += stride)
      for (let c = tile.from; c < tile.to; c += 16)
        v128.store(out + start + c, Integers.requantize(v128.load(x + start + c), vectors + c, stride));
    return out;
  }

  @inline
  static requantize(sum: v128, vectors: usize, stride: usize): v128 {
    const product = f32x4.mul(f32x4.add(sum, v128.load(vectors)), v128.load(vectors + stride));
    const shift = v128.load(vectors + 2 * stride);
    // more than int8 has is as good as the product itself: the shift comes after it
    const held = Integers.held(product, f32x4.splat(-512), f32x4.splat(512));
    const rounded = f32x4.sub(f32x4.nearest(f32x4.add(held, shift)), shift);
    return Integers.held(rounded, f32x4.splat(-128), f32x4.splat(127));
  }

  @inline
  static held(x: v128, least: v128, largest: v128): v128 {
    return f32x4.pmax(f32x4.pmin(x, largest), least);
  }

  /** out = what the table has for x; where `y` is not 0, for x and y. */
  @inline
  static lookUpRows(x: usize, y: usize, table: usize, tile: Tile, out: usize): usize {
    const stride = tile.stride;
    for (let row = tile.rows, start: usize = 0; row > 0; row--, start += stride) {
      for (let c = tile.from; c < tile.to; c += 16) {
        let places = Integers.placeOf(v128.load(x + start + c));
        if (y !== 0) places = i32x4.add(i32x4.shl(places, 8), Integers.placeOf(v128.load(y + start + c)));
        v128.store(out + start + c, Integers.lookUp(places, table));
      }
    }
    return out;
  }

  @inline
  static placeOf(x: v128): v128 {
    return i32x4.add(i32x4.trunc_sat_f32x4_s(x), i32x4.splat(128));
  }

  @inline
  static lookUp(places: v128, table: usize): v128 {
    const at = i32x4.shl(places, 2);
    let found = v128.load32_zero(table + <usize>i32x4.extract_lane(at, 0));
    found = v128.load32_lane(table + <usize>i32x4.extract_lane(at, 1), found, 1);
    found = v128.load32_lane(table + <usize>i32x4.extract_lane(at, 2), found, 2);
    return v128.load32_lane(table + <usize>i32x4.extract_lane(at, 3), found, 3);
  }
}
