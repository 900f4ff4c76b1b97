/** Weights of the first and the fourth tap as pairs of i16, since they are small; the other two reach 65536. */
export function outerWeights(d: i32, d2: i32, d3: i32): v128 {
  return i32x4.splat(((2 * d2 - d - d3) & 0xffff) | ((d3 - d2) << 16));
}

export function secondWeight(d2: i32, d3: i32): v128 {
  return i32x4.splat(65536 - 2 * d2 + d3);
}

export function thirdWeight(d: i32, d2: i32, d3: i32): v128 {
  return i32x4.splat(d + d2 - d3);
}

export function squareOf(d: i32): i32 {
  return product16(d, d);
}

export function product16(a: i32, b: i32): i32 {
  return <i32>((<u32>(a * b) + 32768) >>> 16);
}

/** The inner weights as pairs of i16, in two parts, since they reach 65536: four times these, and what is left. */
export function innerQuarters(d: i32, d2: i32, d3: i32): v128 {
  return i32x4.splat(((65536 - 2 * d2 + d3) >> 2) | (((d + d2 - d3) >> 2) << 16));
}

export function innerRest(d: i32, d2: i32, d3: i32): v128 {
  return i32x4.splat(((65536 - 2 * d2 + d3) & 3) | (((d + d2 - d3) & 3) << 16));
}

/** Sums of four taps, of which two neighbours each make pairs of i16. */
export function filtered(outerTaps: v128, innerTaps: v128, outer: v128, quarters: v128, rest: v128): v128 {
  const small = i32x4.add(i32x4.dot_i16x8_s(outerTaps, outer), i32x4.dot_i16x8_s(innerTaps, rest));
  return i32x4.add(small, i32x4.shl(i32x4.dot_i16x8_s(innerTaps, quarters), 2));
}

/** The channels, clamped by the narrowing, as the bytes of a pixel. */
export function pixelOf(channels: v128): u32 {
  const halves = i16x8.narrow_i32x4_s(channels, channels);
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0);
}
