import { Activation } from './sigmoid.as';
import { Tile } from './wasm-call.as';

/** Kinds of lazy values, numbered as in backends/cpu/tensors/lazy-block.ts. */
export const enum Kind {
  Load,
  One,
  PerSample,
  SampleFactor,
  OverRows,
  Silu,
  SiluSlope,
  Add,
  Multiply,
  Normalize,
  Standardize,
  Rescale,
  Unnormalize,
  TimesPerSample,
  SiluOfNormalized,
  TimesSlopeOfNormalized,
  TimesStandardized,
  TimesSlopeOfActivated,
  Sigmoid,
  SigmoidSlope,
  Quantize,
  WithinRange,
  TimesWithinRange,
  QuantizeNormalized,
  TimesSlopeFrom,
  TimesSlopeWithin,
  TimesSlopeOfQuantized,
  TimesPerSampleWithin,
}

// Rows of the vectors: `channelVectors` in lazy.ts.
const SCALE: usize = 0;
const SHIFT: usize = 1;
const MEAN: usize = 2;
const DEVIATION: usize = 3;
const SLOPE: usize = 4;
const BEND: usize = 5;
const OFFSET: usize = 6;

/** Loops over a tile's rows. They are inlined, which only methods may ask for, so that each formula has a loop of its own. */
export class Rows {
  /** out = a formula of a, of b and of the channels' vectors, value by value. The kind is a constant: each has a loop of its own. */
  @inline
  static map(
    kind: Kind,
    a: usize,
    b: usize,
    activated: usize,
    vectors: usize,
    tile: Tile,
    out: usize,
  ): usize {
    const stride = tile.stride;
    const from = tile.from;
    const to = tile.to;
    const inverse = f32x4.splat(<f32>(1 / <f64>tile.sampleRows));
    for (let row = tile.rows, start: usize = 0; row > 0; row--, start += stride) {
      for (let c = from; c < to; c += 16) {
        const x = v128.load(a + start + c);
        const y = b === 0 ? x : v128.load(b + start + c);
        let value: v128;
        if (kind === Kind.TimesSlopeOfActivated)
          value = Rows.timesSlope(
            x,
            Rows.normalized(y, vectors + c, stride),
            v128.load(activated + start + c),
          );
        else if (kind === Kind.TimesSlopeFrom)
          value = Rows.timesSlope(x, y, v128.load(activated + start + c));
        else value = Rows.formula(kind, x, y, vectors + c, stride, inverse);
        v128.store(out + start + c, value);
      }
    }
    return out;
  }

  @inline
  static formula(kind: Kind, x: v128, y: v128, vectors: usize, stride: usize, inverse: v128): v128 {
    if (kind === Kind.Silu) return Activation.silu(x);
    if (kind === Kind.SiluSlope) return Activation.siluSlope(x);
    if (kind === Kind.Sigmoid) return Activation.sigmoid(x);
    if (kind === Kind.SigmoidSlope) return f32x4.sub(x, f32x4.mul(x, x));
    if (kind === Kind.OverRows) return f32x4.mul(x, inverse);
    if (kind === Kind.Normalize) return Rows.normalized(x, vectors, stride);
    if (kind === Kind.SiluOfNormalized) return Activation.silu(Rows.normalized(x, vectors, stride));
    if (kind === Kind.Standardize) return Rows.standardized(x, vectors, stride);
    if (kind === Kind.Rescale) return f32x4.mul(x, v128.load(vectors + SCALE * stride));
    if (kind === Kind.TimesStandardized) return f32x4.mul(x, Rows.standardized(y, vectors, stride));
    if (kind === Kind.Add) return f32x4.add(x, y);
    if (kind === Kind.Multiply) return f32x4.mul(x, y);
    if (kind === Kind.TimesSlopeOfNormalized)
      return f32x4.mul(x, Activation.siluSlope(Rows.normalized(y, vectors, stride)));
    // unnormalize: slope g + bend x + offset
    const ofGradient = f32x4.mul(v128.load(vectors + SLOPE * stride), x);
    const ofInput = f32x4.mul(v128.load(vectors + BEND * stride), y);
    return f32x4.add(f32x4.add(ofGradient, ofInput), v128.load(vectors + OFFSET * stride));
  }

  /**
   * g times the derivative of silu at x, where y = silu(x) is known: the sigmoid is y / x, and no exponential is needed. The
   * derivative is s + y - y s.
   */
  @inline
  static timesSlope(g: v128, x: v128, y: v128): v128 {
    const isZero = f32x4.eq(x, f32x4.splat(0));
    const s = v128.bitselect(f32x4.splat(0.5), f32x4.div(y, x), isZero);
    return f32x4.mul(g, f32x4.sub(f32x4.add(s, y), f32x4.mul(y, s)));
  }

  @inline
  static normalized(x: v128, vectors: usize, stride: usize): v128 {
    return f32x4.add(f32x4.mul(x, v128.load(vectors + SCALE * stride)), v128.load(vectors + SHIFT * stride));
  }

  @inline
  static standardized(x: v128, vectors: usize, stride: usize): v128 {
    const distance = f32x4.sub(x, v128.load(vectors + MEAN * stride));
    return f32x4.mul(distance, v128.load(vectors + DEVIATION * stride));
  }
}
