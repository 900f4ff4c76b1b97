/** float16 as bits: 1 sign, 5 exponent, 10 fraction. JavaScript has no such number before Node 24. */

const LARGEST_EXPONENT = 15;
const SMALLEST_EXPONENT = -14;

const bits = new DataView(new ArrayBuffer(8));

/** The nearest float16 to a float64, ties to even; beyond 65,504 by half a step or more: infinity. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 2 ** (LARGEST_EXPONENT + 1)) return sign | 0x7c00;
  const exponent = Math.max(SMALLEST_EXPONENT, exponentOf(magnitude));
  // exact: a division by a power of two
  const significand = roundToEven(magnitude / 2 ** (exponent - 10));
  // a significand that rounds up to 2048 carries into the exponent by itself, as does 1024 from the subnormals
  return sign | (significand + (exponent - SMALLEST_EXPONENT) * 1024);
}

/** The number that float16 bits stand for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Floor of the base-2 logarithm of a positive float64; very negative for subnormals and zero. */
function exponentOf(magnitude: number): number {
  bits.setFloat64(0, magnitude);
  return (bits.getUint32(0) >>> 20) - 1023;
}

/** Nearest integer to a number in [0, 2^52), ties to the even one. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
