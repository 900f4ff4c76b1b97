import { Kind, Rows } from './lazy-formulas.as';
import { Range } from './range.as';
import { Tile } from './wasm-call.as';

/** Gradients before an activation whose values are quantised. */
export class Slopes {
  /**
   * g where y lies within its range, times the derivative of silu, where y = silu is known: at x, or at x rounded to a range of its own
   * where x lies within that.
   */
  @inline
  static formula(
    kind: Kind,
    g: v128,
    x: v128,
    y: v128,
    reciprocal: v128,
    limit: v128,
    innerScale: v128,
    innerReciprocal: v128,
    innerLevels: v128,
    innerLimit: v128,
  ): v128 {
    const passed = v128.and(g, Range.within(y, reciprocal, limit));
    if (kind === Kind.TimesSlopeWithin) return Rows.timesSlope(passed, x, y);
    const rounded = Range.quantize(x, innerScale, innerReciprocal, innerLevels);
    return v128.and(Rows.timesSlope(passed, rounded, y), Range.within(x, innerReciprocal, innerLimit));
  }

  /** out = the formula of g, of the normalized input and of y. @param inner 0 where there is none */
  @inline
  static map(
    kind: Kind,
    range: usize,
    inner: usize,
    g: usize,
    input: usize,
    y: usize,
    vectors: usize,
    tile: Tile,
    out: usize,
  ): usize {
    const reciprocal = v128.load32_splat(range, 4);
    const limit = v128.load32_splat(range, 12);
    const innerScale = v128.load32_splat(inner);
    const innerReciprocal = v128.load32_splat(inner, 4);
    const innerLevels = v128.load32_splat(inner, 8);
    const innerLimit = v128.load32_splat(inner, 12);
    const stride = tile.stride;
    const from = tile.from;
    const to = tile.to;
    for (let row = tile.rows, start: usize = 0; row > 0; row--, start += stride)
      for (let c = from; c < to; c += 16) {
        const x = Rows.normalized(v128.load(input + start + c), vectors + c, stride);
        const value = Slopes.formula(
          kind,
          v128.load(g + start + c),
          x,
          v128.load(y + start + c),
          reciprocal,
          limit,
          innerScale,
          innerReciprocal,
          innerLevels,
          innerLimit,
        );
        v128.store(out + start + c, value);
      }
    return out;
  }
}
