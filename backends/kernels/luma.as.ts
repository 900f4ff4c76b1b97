/** Luma of four pixels in i32 lanes, as Pillow's convert('L'). */
export function luma4(r: v128, g: v128, b: v128): v128 {
  const weighted = i32x4.add(
    i32x4.add(i32x4.mul(r, i32x4.splat(19595)), i32x4.mul(g, i32x4.splat(38470))),
    i32x4.add(i32x4.mul(b, i32x4.splat(7471)), i32x4.splat(32768)),
  );
  return i32x4.shr_u(weighted, 16);
}

/** One channel of the four packed pixels at the front of `bytes`, in i32 lanes. */
export function red4(bytes: v128): v128 {
  return i8x16.swizzle(bytes, i8x16(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1));
}
export function green4(bytes: v128): v128 {
  return i8x16.swizzle(bytes, i8x16(1, -1, -1, -1, 4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1));
}
export function blue4(bytes: v128): v128 {
  return i8x16.swizzle(bytes, i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1));
}
