// Vectors in memory: V8 makes a constant of the code anew wherever it is used, which takes longer than to load it.
const CONSTANTS: usize = memory.data<f32>(
  [
    -87, -87, -87, -87, 1.4426950408889634, 1.4426950408889634, 1.4426950408889634, 1.4426950408889634,
    12583039, 12583039, 12583039, 12583039, 0.693359375, 0.693359375, 0.693359375, 0.693359375,
    -0.00021219444005469057, -0.00021219444005469057, -0.00021219444005469057, -0.00021219444005469057,
    0.000198756915, 0.000198756915, 0.000198756915, 0.000198756915, 0.0013981999507, 0.0013981999507,
    0.0013981999507, 0.0013981999507, 0.0083334519073, 0.0083334519073, 0.0083334519073, 0.0083334519073,
    0.041665795894, 0.041665795894, 0.041665795894, 0.041665795894, 0.16666665459, 0.16666665459,
    0.16666665459, 0.16666665459, 0.50000001201, 0.50000001201, 0.50000001201, 0.50000001201, 1, 1, 1, 1,
  ],
  16,
);

export class Exponential {
  /**
   * e^x of four numbers that are not positive, within 2e-7 of it relatively; e^-87 below -87. Of x are subtracted n times ln 2, n the
   * nearest integer to x / ln 2, in two steps of which the first is exact; e^rest is a polynomial (Cephes), 2^n its exponent.
   */
  @inline
  static ofNegative(x: v128): v128 {
    // not pmax: what is not a number stays so
    const held = f32x4.max(x, v128.load(CONSTANTS));
    // at 1.5 * 2^23 a float32 has no fraction: the sum's last bits are n + 127
    const magic = v128.load(CONSTANTS, 32);
    const rounded = f32x4.add(f32x4.mul(held, v128.load(CONSTANTS, 16)), magic);
    const n = f32x4.sub(rounded, magic);
    let r = f32x4.sub(held, f32x4.mul(n, v128.load(CONSTANTS, 48)));
    r = f32x4.sub(r, f32x4.mul(n, v128.load(CONSTANTS, 64)));
    let p = f32x4.add(f32x4.mul(v128.load(CONSTANTS, 80), r), v128.load(CONSTANTS, 96));
    p = f32x4.add(f32x4.mul(p, r), v128.load(CONSTANTS, 112));
    p = f32x4.add(f32x4.mul(p, r), v128.load(CONSTANTS, 128));
    p = f32x4.add(f32x4.mul(p, r), v128.load(CONSTANTS, 144));
    p = f32x4.add(f32x4.mul(p, r), v128.load(CONSTANTS, 160));
    p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, v128.load(CONSTANTS, 176)));
    return f32x4.mul(p, i32x4.shl(rounded, 23));
  }
}
