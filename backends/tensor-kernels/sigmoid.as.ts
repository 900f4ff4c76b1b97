// Vectors in memory: V8 makes a constant of the code anew wherever it is used, which takes longer than to load it.
const CONSTANTS: usize = memory.data<f32>(
  [
    -1.4426950408889634, -1.4426950408889634, -1.4426950408889634, -1.4426950408889634, 126, 126, 126, 126,
    -126, -126, -126, -126, 12583039, 12583039, 12583039, 12583039, 0.001327538079, 0.001327538079,
    0.001327538079, 0.001327538079, 0.009681382812, 0.009681382812, 0.009681382812, 0.009681382812,
    0.05550770114, 0.05550770114, 0.05550770114, 0.05550770114, 0.240219885, 0.240219885, 0.240219885,
    0.240219885, 0.6931468784, 0.6931468784, 0.6931468784, 0.6931468784, 1, 1, 1, 1,
  ],
  16,
);

/** Activations of four values, always inlined: only methods may say so. */
export class Activation {
  /**
   * 1 / (1 + e^-x) within 2e-7 of it. e^-x is 2^t, t held to +-126: the power of t's nearest integer goes into the exponent, that
   * of the rest, in [-0.5, 0.5], is a polynomial (least largest relative error).
   */
  @inline
  static sigmoid(x: v128): v128 {
    const scaled = f32x4.mul(x, v128.load(CONSTANTS));
    const t = f32x4.pmax(f32x4.pmin(scaled, v128.load(CONSTANTS, 16)), v128.load(CONSTANTS, 32));
    // at 1.5 * 2^23 a float32 has no fraction: the sum's last bits are t, rounded, + 127
    const magic = v128.load(CONSTANTS, 48);
    const rounded = f32x4.add(t, magic);
    const r = f32x4.sub(t, f32x4.sub(rounded, magic));
    let p = f32x4.add(f32x4.mul(v128.load(CONSTANTS, 64), r), v128.load(CONSTANTS, 80));
    p = f32x4.add(f32x4.mul(p, r), v128.load(CONSTANTS, 96));
    p = f32x4.add(f32x4.mul(p, r), v128.load(CONSTANTS, 112));
    p = f32x4.add(f32x4.mul(p, r), v128.load(CONSTANTS, 128));
    const one = v128.load(CONSTANTS, 144);
    p = f32x4.add(f32x4.mul(p, r), one);
    return f32x4.div(one, f32x4.add(one, f32x4.mul(p, i32x4.shl(rounded, 23))));
  }

  @inline
  static silu(x: v128): v128 {
    return f32x4.mul(x, Activation.sigmoid(x));
  }

  /** The derivative of silu: s (1 + x (1 - s)). */
  @inline
  static siluSlope(x: v128): v128 {
    const s = Activation.sigmoid(x);
    const one = v128.load(CONSTANTS, 144);
    return f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
  }
}
