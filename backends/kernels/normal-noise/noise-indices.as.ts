/**
 * Words 0 and 1 of the Philox blocks of the four pixels from `pixel` on: four words 0, then four words 1, at `out` (32 bytes).
 * Indices into the normal values are their halves, as noise-indices.ts says.
 */
export function noiseWords4(pixel: u32, key0: u32, key1: u32, out: usize): void {
  const multiplier0 = i32x4.splat(0xd2511f53);
  const multiplier1 = i32x4.splat(0xcd9e8d57);
  const step0 = i32x4.splat(0x9e3779b9);
  const step1 = i32x4.splat(0xbb67ae85);
  let k0 = i32x4.splat(key0);
  let k1 = i32x4.splat(key1);
  let c0 = i32x4.add(i32x4.splat(pixel), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(0);
  let c2 = i32x4.splat(0);
  let c3 = i32x4.splat(0);
  for (let round = 0; round < 10; round++) {
    // products of 64 bits, of lanes 0 and 1, then of lanes 2 and 3
    const front0 = i64x2.extmul_low_i32x4_u(c0, multiplier0);
    const back0 = i64x2.extmul_high_i32x4_u(c0, multiplier0);
    const front1 = i64x2.extmul_low_i32x4_u(c2, multiplier1);
    const back1 = i64x2.extmul_high_i32x4_u(c2, multiplier1);
    c0 = v128.xor(v128.xor(upperHalves(front1, back1), c1), k0);
    c2 = v128.xor(v128.xor(upperHalves(front0, back0), c3), k1);
    c1 = lowerHalves(front1, back1);
    c3 = lowerHalves(front0, back0);
    k0 = i32x4.add(k0, step0);
    k1 = i32x4.add(k1, step1);
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
}

function upperHalves(front: v128, back: v128): v128 {
  return v128.shuffle<u32>(front, back, 1, 3, 5, 7);
}

function lowerHalves(front: v128, back: v128): v128 {
  return v128.shuffle<u32>(front, back, 0, 2, 4, 6);
}
