const MODULUS: u32 = 65521;
/** Of 16 bytes each: the most after which sums that were below the modulus are still within 32 bits (zlib's NMAX). */
const STEPS: u32 = 347;

/** Adler-32 of RFC 1950: the sum of the bytes, from 1 on, and the sum of these sums. */
export function adler32(from: usize, bytes: u32): u32 {
  let sum: u32 = 1;
  let sumOfSums: u32 = 0;
  while (bytes >= 16) {
    const steps = min(bytes >> 4, STEPS);
    sumOfSums += sum * (steps << 4);
    // of all steps' sums before them, and of bytes by how many sums of their own step they are in
    let before = i32x4.splat(0);
    let sums = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    for (let step: u32 = 0; step < steps; step++, from += 16) {
      const lower = i16x8.extend_low_i8x16_u(v128.load(from));
      const upper = i16x8.extend_high_i8x16_u(v128.load(from));
      before = i32x4.add(before, sums);
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.add(lower, upper)));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(lower, i16x8(16, 15, 14, 13, 12, 11, 10, 9)));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(upper, i16x8(8, 7, 6, 5, 4, 3, 2, 1)));
    }
    sum = (sum + total(sums)) % MODULUS;
    sumOfSums = (sumOfSums + (total(before) << 4) + total(weighted)) % MODULUS;
    bytes -= steps << 4;
  }
  for (; bytes > 0; bytes--, from++) {
    sum += load<u8>(from);
    sumOfSums += sum;
  }
  return ((sumOfSums % MODULUS) << 16) | (sum % MODULUS);
}

function total(sums: v128): u32 {
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  );
}
