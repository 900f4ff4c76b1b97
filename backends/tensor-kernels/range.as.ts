import { Kind, Rows } from './lazy-formulas.as';
import { Tile } from './wasm-call.as';

/** Formulas of a range: range.ts has their meaning. */
export class Range {
  @inline
  static quantize(x: v128, scale: v128, reciprocal: v128, levels: v128): v128 {
    const rounded = f32x4.nearest(f32x4.mul(x, reciprocal));
    // in this order what is not a number stays so
    const held = f32x4.pmax(f32x4.pmin(rounded, levels), f32x4.neg(levels));
    return f32x4.mul(held, scale);
  }

  /** All bits where rounding meets no limit, else none. */
  @inline
  static within(x: v128, reciprocal: v128, limit: v128): v128 {
    return f32x4.lt(f32x4.abs(f32x4.mul(x, reciprocal)), limit);
  }

  /** out = a formula of a and b, value by value, with a loop of its own for each kind. */
  @inline
  static map(kind: Kind, a: usize, b: usize, vectors: usize, range: usize, tile: Tile, out: usize): usize {
    const scale = v128.load32_splat(range);
    const reciprocal = v128.load32_splat(range, 4);
    const levels = v128.load32_splat(range, 8);
    const limit = v128.load32_splat(range, 12);
    const stride = tile.stride;
    const from = tile.from;
    const to = tile.to;
    for (let row = tile.rows, start: usize = 0; row > 0; row--, start += stride) {
      for (let c = from; c < to; c += 16) {
        const x = v128.load(a + start + c);
        let value: v128;
        if (kind === Kind.Quantize) value = Range.quantize(x, scale, reciprocal, levels);
        else if (kind === Kind.QuantizeNormalized)
          value = Range.quantize(Rows.normalized(x, vectors + c, stride), scale, reciprocal, levels);
        else if (kind === Kind.WithinRange)
          value = v128.and(Range.within(x, reciprocal, limit), f32x4.splat(1));
        else value = v128.and(x, Range.within(v128.load(b + start + c), reciprocal, limit));
        v128.store(out + start + c, value);
      }
    }
    return out;
  }
}
