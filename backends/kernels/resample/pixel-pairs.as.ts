// Channels of two pixels as 16-bit numbers: R, R', G, G', B, B', 0, 0, the form in which they meet a pair of coefficients.

/** Of pixels 0 and 1 of 16 bytes. */
export function firstPair(bytes: v128): v128 {
  return v128.swizzle(bytes, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
}

/** Of pixels 2 and 3. */
export function secondPair(bytes: v128): v128 {
  return v128.swizzle(bytes, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
}
