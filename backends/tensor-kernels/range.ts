/**
 * A range of integers -levels ... levels, times a scale: how a device has it. Rounding multiplies by the scale's reciprocal and
 * never divides: a GPU's division is not exact, and the integers are to be the same on all devices. PyTorch's fake_quantize does
 * the same. The last number is where |x / scale| would be rounded to more than the levels.
 */
export type Range = readonly [scale: number, reciprocal: number, levels: number, limit: number];

/** @param largest the largest absolute value that the integers reach */
export function rangeOf(largest: number, levels: number): Range {
  const scale = Math.fround(largest / levels);
  return [scale, Math.fround(1 / scale), levels, levels + 0.5];
}

/** The integer that stands for x: half to even, as float32 arithmetic gives it. */
export function integerOf(x: number, [, reciprocal, levels]: Range): number {
  const rounded = roundHalfEven(Math.fround(Math.fround(x) * reciprocal));
  return Math.max(-levels, Math.min(levels, rounded));
}

export const quantized = (x: number, range: Range): number => Math.fround(integerOf(x, range) * range[0]);

/** Whether rounding meets no limit, as PyTorch's fake_quantize asks for the gradient. */
export const isWithin = (x: number, [, reciprocal, , limit]: Range): boolean =>
  Math.abs(Math.fround(Math.fround(x) * reciprocal)) < limit;

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const isHalf = x - below === 0.5;
  return isHalf ? 2 * Math.round(below / 2) : Math.round(x);
}
