import { roundHalfToEven } from '../../src/core/rounding.ts';

/**
 * Integers of int8, kept as float32. Sums of their products are exact in any order while they stay below 2^24. What follows a sum
 * is one rounding after the other, each of them exact or float32's own: devices have no room for opinions of their own.
 */
export const LEAST = -128;
export const LARGEST = 127;
/** Entries of a table of one integer, and of one for two. */
export const LOOKUP_SIZE = 256;
export const PAIR_SIZE = 65_536;

/** Rows of the vectors that `requantize` takes. */
export const integerVectors = { bias: 0, multiplier: 1, shift: 2 } as const;
export const integerVectorRows = 3;

/**
 * The integer for a sum of products: half to even of (sum + bias) x multiplier. With a `shift`, that is added before the rounding
 * and subtracted behind it, as onnxruntime does with the zero point of a product. Between product and shift stands a limit that
 * changes nothing: no compiler can make one rounding of the two.
 */
export function requantized(sum: number, bias: number, multiplier: number, shift: number): number {
  const product = Math.fround((sum + bias) * multiplier);
  const held = Math.max(-LIMIT, Math.min(LIMIT, product));
  return Math.max(LEAST, Math.min(LARGEST, roundHalfToEven(Math.fround(held + shift)) - shift));
}

/** More than an integer and a shift. */
export const LIMIT = 512;

/** Where a table has an integer, and where one for two has them. */
export const placeOfInteger = (x: number): number => x - LEAST;
export const placeOfPair = (x: number, y: number): number => 256 * placeOfInteger(x) + placeOfInteger(y);
