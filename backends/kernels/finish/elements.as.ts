// Elements of fixed-point numbers.

/**
 * The nearest halves, in the low 16 bits of each lane, of four i32 times `unit`. The way leads over float32, which
 * WASM rounds as IEEE 754 says. A float32 has 24 bits: so that it does not round before the half does, bits 0..6 of
 * an i32 from 2^24 on are first joined into bit 7, far below what a half keeps.
 */
export function toHalves(fixed: v128, unit: v128): v128 {
  const magnitude = i32x4.abs(fixed);
  const rest = i32x4.splat(127);
  const sticky = v128.and(i32x4.add(v128.and(magnitude, rest), rest), i32x4.splat(128));
  const joined = v128.or(v128.andnot(magnitude, rest), sticky);
  const exact = v128.bitselect(joined, magnitude, i32x4.ge_u(magnitude, i32x4.splat(1 << 24)));
  const float = f32x4.mul(f32x4.convert_i32x4_u(exact), unit);
  // from 2^-14: 13 bits of fraction go, nearest even, and the exponent's bias falls by 112
  const odd = v128.and(i32x4.shr_u(float, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(float, odd), i32x4.splat(0xfff - (112 << 23))), 13);
  // below: one half has the step 2^-24 of subnormal halves as its last bit, so the addition rounds
  const oneHalf = f32x4.splat(0.5);
  const subnormal = i32x4.sub(f32x4.add(float, oneHalf), oneHalf);
  const half = v128.bitselect(subnormal, normal, f32x4.lt(float, f32x4.splat(0.00006103515625)));
  return v128.or(half, v128.and(i32x4.shr_u(fixed, 16), i32x4.splat(0x8000)));
}

export function powerOfTwo(exponent: i32): f32 {
  return reinterpret<f32>((exponent + 127) << 23);
}
