// Vectors in memory: V8 makes a constant of the code anew wherever it is used.
const CONSTANTS: usize = memory.data<u32>(
  [
    0x8000, 0x8000, 0x8000, 0x8000, 0x7fff, 0x7fff, 0x7fff, 0x7fff, 0x7bff, 0x7bff, 0x7bff, 0x7bff,
    0x7f800000, 0x7f800000, 0x7f800000, 0x7f800000, 0x77800000, 0x77800000, 0x77800000, 0x77800000,
  ],
  16,
);

/** Four float16 of 64 bits, as float32: the same numbers. */
function widened(halves: v128): v128 {
  const bits = v128.extend_low<u16>(halves);
  const magnitude = v128.and(bits, v128.load(CONSTANTS, 16));
  // as bits of a float32, exponent and fraction are 2^-112 times the number: subnormal ones too
  const scaled = f32x4.mul(i32x4.shl(magnitude, 13), v128.load(CONSTANTS, 64));
  // infinity and NaN have the largest exponent there is
  const isSpecial = i32x4.gt_s(magnitude, v128.load(CONSTANTS, 32));
  const special = v128.and(isSpecial, v128.load(CONSTANTS, 48));
  const sign = i32x4.shl(v128.and(bits, v128.load(CONSTANTS)), 16);
  return v128.or(v128.or(scaled, special), sign);
}

/** Copies float16 as float32. May read a group of 4 that begins within the halves. */
export function widen(halves: usize, count: usize, to: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) v128.store(to + i * 4, widened(v128.load64_zero(halves + i * 2)));
  if (i === count) return;
  let rest = widened(v128.load64_zero(halves + i * 2));
  for (; i < count; i++) {
    f32.store(to + i * 4, f32x4.extract_lane(rest, 0));
    rest = v128.shuffle<u8>(rest, rest, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
}
