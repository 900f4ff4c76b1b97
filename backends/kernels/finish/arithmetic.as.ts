/**
 * float16 for nhwc by arithmetic, eight pixels a step, up to seven more after the last. `factors`: twelve floats, of which three
 * neighbours are those of R, G and B, then as many offsets. Both are 2^-112 times the true ones, so that a float's exponent
 * is the half's: the half is its upper bits, rounded. Formats are tried before (half-factors.ts): not all come out right.
 */
export function normalizeHalfFast(source: usize, target: usize, pixels: i32, factors: usize): void {
  const factor0 = v128.load(factors);
  const factor1 = v128.load(factors, 16);
  const factor2 = v128.load(factors, 32);
  const offset0 = v128.load(factors, 48);
  const offset1 = v128.load(factors, 64);
  const offset2 = v128.load(factors, 80);
  for (const end = source + <usize>(pixels * 3); source < end; source += 24, target += 48) {
    const bytes = v128.load(source);
    const front = i16x8.extend_low_i8x16_u(bytes);
    const middle = i16x8.extend_high_i8x16_u(bytes);
    const back = i16x8.extend_low_i8x16_u(v128.load64_zero(source, 16));
    const half0 = halves(i32x4.extend_low_i16x8_u(front), factor0, offset0);
    const half1 = halves(i32x4.extend_high_i16x8_u(front), factor1, offset1);
    const half2 = halves(i32x4.extend_low_i16x8_u(middle), factor2, offset2);
    const half3 = halves(i32x4.extend_high_i16x8_u(middle), factor0, offset0);
    const half4 = halves(i32x4.extend_low_i16x8_u(back), factor1, offset1);
    const half5 = halves(i32x4.extend_high_i16x8_u(back), factor2, offset2);
    v128.store(target, i16x8.narrow_i32x4_s(half0, half1));
    v128.store(target, i16x8.narrow_i32x4_s(half2, half3), 16);
    v128.store(target, i16x8.narrow_i32x4_s(half4, half5), 32);
  }
}

/** Halves as signed numbers of 32 bits, which narrow to their 16 bits. */
function halves(bytes: v128, factor: v128, offset: v128): v128 {
  const float = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(bytes), factor), offset);
  const rounded = i32x4.shr_s(i32x4.add(float, i32x4.splat(0x1000)), 13);
  return v128.bitselect(rounded, i32x4.shr_s(float, 31), i32x4.splat(0x7fff));
}
