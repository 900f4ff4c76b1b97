/** Four vectors, loaded: V8 would make each anew at every use, in several instructions. */
// biome-ignore format: a vector a line
const constants = memory.data<i32>([
  19595, 19595, 19595, 19595,
  38470, 38470, 38470, 38470,
  7471, 7471, 7471, 7471,
  32768, 32768, 32768, 32768,
], 16);

/** Luma of four pixels in i32 lanes, as Pillow's convert('L'). */
export function luma4(r: v128, g: v128, b: v128): v128 {
  const weighted = i32x4.add(
    i32x4.add(i32x4.mul(r, v128.load(constants)), i32x4.mul(g, v128.load(constants, 16))),
    i32x4.add(i32x4.mul(b, v128.load(constants, 32)), v128.load(constants, 48)),
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
