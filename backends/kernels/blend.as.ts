/**
 * Pillow's blend of four lanes, float32 as they are computed there: product, sum, cut to an integer. The caller clamps
 * to 0..255. WebAssembly never fuses multiply and add.
 */
export function blend4(first: v128, second: v128, factor: v128): v128 {
  const product = f32x4.mul(factor, f32x4.sub(second, first));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(first, product));
}
