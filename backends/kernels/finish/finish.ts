import type { RawImage, TensorFormat, TensorLayout, TensorType } from '../../../src/core/image.ts';
import type { MixTables, TensorData } from './tables.ts';

/**
 * The last kernel of every program: u8 RGB to normalised elements, by tables (tables.ts), alone or blended with a
 * partner image; with boxes in it: erased.ts. These scalar loops are the meaning; finish.as.ts gives the same bits.
 */
export function normalizeImage(
  image: RawImage,
  table: TensorData,
  layout: TensorLayout,
  output: TensorData,
): void {
  const position = elementPosition(image, layout);
  for (let i = 0; i < image.data.length; i++) {
    output[position(i)] = table[(i % 3) * 256 + (image.data[i] as number)] as number;
  }
}

/** `image` with weight lambda, `partner` (of the same size) with weight 1 - lambda; see `mixTables`. */
export function normalizeMixed(
  image: RawImage,
  partner: RawImage,
  tables: MixTables,
  { dtype, layout }: TensorFormat,
  output: TensorData,
): void {
  const { own, other, shift } = tables;
  const position = elementPosition(image, layout);
  for (let i = 0; i < image.data.length; i++) {
    const channel = (i % 3) * 256;
    const sum =
      (own[channel + (image.data[i] as number)] as number) +
      (other[channel + (partner.data[i] as number)] as number);
    output[position(i)] = fixedToElement(sum, shift, dtype);
  }
}

export const fixedToElement = (fixed: number, shift: number, dtype: TensorType): number =>
  dtype === 'float16' ? fixedToHalf(fixed, shift) : fixedToFloat(fixed, shift);

/**
 * The nearest half, ties to even, of an i32 that stands for `fixed * 2^-(24 + shift)`, by integer operations only, as
 * a shader does it. 2^-24 is the step of subnormal halves: a number below 2^(11 + shift) loses `shift` bits, a larger
 * one all but eleven. Zero is +0. Magnitudes from 65,520 do not occur (see `mixTables`).
 */
export function fixedToHalf(fixed: number, shift: number): number {
  if (fixed === 0) return 0;
  const sign = fixed < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(fixed);
  const topBit = 31 - Math.clz32(magnitude);
  const cut = Math.max(topBit - 10, shift);
  const significand = cut > 0 ? shiftRightToEven(magnitude, cut) : magnitude << -cut;
  return sign | (significand + ((cut - shift) << 10));
}

/** The nearest float32, ties to even. */
export function fixedToFloat(fixed: number, shift: number): number {
  return Math.fround(fixed) * 2 ** -(24 + shift);
}

function shiftRightToEven(value: number, count: number): number {
  const quotient = value >>> count;
  const rest = value & ((1 << count) - 1);
  const half = 1 << (count - 1);
  return rest > half || (rest === half && (quotient & 1) === 1) ? quotient + 1 : quotient;
}

/** Where element i of an nhwc image stands in a tensor of the given layout. */
export function elementPosition({ width, height }: RawImage, layout: TensorLayout): (i: number) => number {
  if (layout === 'nhwc') return (i) => i;
  return (i) => (i % 3) * width * height + Math.floor(i / 3);
}
