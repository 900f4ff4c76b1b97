import { roundHalfToEven } from '../../src/core/rounding.ts';
import { LARGEST, LEAST } from './integers.ts';

/**
 * How images become integers of int8. The meaning is onnxruntime's QuantizeLinear: half to even of the quotient x / scale, which
 * is rounded to float32. A GPU's division is not exact, so nobody divides: thresholds say from which float32 on an integer stands.
 * A product with the reciprocal is at most one integer off, and two comparisons put it right.
 */
export const RECIPROCAL = 257;
/** Least values of -128 ... 127 and of what is beyond, the reciprocal; and what makes groups of 4 of them. */
export const thresholdsSize = 260;

/** More than any image has. Not infinite: shaders may take it that no number is. */
const BEYOND = 3.4028234663852886e38;

export function thresholdsOf(scale: number): Float32Array {
  const thresholds = new Float32Array(thresholdsSize);
  thresholds[0] = -BEYOND;
  for (let integer = LEAST + 1; integer <= LARGEST; integer++)
    thresholds[integer - LEAST] = leastOf(integer, scale);
  thresholds[LARGEST - LEAST + 1] = BEYOND;
  thresholds[RECIPROCAL] = 1 / scale;
  return thresholds;
}

/** The integer for a value. */
export function quantizedImage(x: number, thresholds: ArrayLike<number>): number {
  const near = held(roundHalfToEven(Math.fround(x * (thresholds[RECIPROCAL] as number))));
  const place = near - LEAST;
  if (x < (thresholds[place] as number)) return near - 1;
  return x >= (thresholds[place + 1] as number) ? held(near + 1) : near;
}

const held = (integer: number): number => Math.max(LEAST, Math.min(LARGEST, integer));

/** The least float32 whose quotient is rounded to the integer. */
function leastOf(integer: number, scale: number): number {
  const isReached = (x: number): boolean => roundHalfToEven(Math.fround(x / scale)) >= integer;
  let x = Math.fround((integer - 0.5) * scale);
  while (isReached(x)) x = nextFloat(x, -1);
  while (!isReached(x)) x = nextFloat(x, 1);
  return x;
}

const floats = new Float32Array(1);
const words = new Int32Array(floats.buffer);

/** The float32 next to x, below it (-1) or above it (1). No threshold is 0. */
function nextFloat(x: number, direction: -1 | 1): number {
  floats[0] = x;
  words[0] = (words[0] as number) + (x > 0 ? direction : -direction);
  return floats[0] as number;
}
