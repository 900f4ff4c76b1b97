import { ParameterError } from '../../../src/core/errors.ts';
import { toHalf } from '../../../src/core/half.ts';
import type { TensorType } from '../../../src/core/image.ts';
import { normalValues } from '../normal-noise/normal-values.ts';

/** Noise is in units of 2^-(24 + NOISE_SHIFT): the largest, 4.32, stays below 2^31 of them. */
export const NOISE_SHIFT = 4;
/** Shares that noise is multiplied by have so many bits of fraction. */
export const SHARE_BITS = 15;

let fixed: Int32Array | undefined;

/** The normal values as fixed-point numbers. Made once a thread. */
export function noiseNumbers(): Int32Array {
  const unit = 2 ** (24 + NOISE_SHIFT);
  fixed ??= Int32Array.from(normalValues(), (value) => Math.round(value * unit));
  return fixed;
}

/** A share of 0..1 as a whole number, for `noiseTerm`. */
export const shareNumber = (share: number): number => Math.round(share * 2 ** SHARE_BITS);

/**
 * A share of noise as a term of a blend, in units of 2^-(24 + shift). A product of 64 bits is nothing that a shader has, so
 * the noise is first rounded to 2^-13: the product is within 2^-12 of the exact one.
 */
export function noiseTerm(noise: number, share: number, shift: number): number {
  const product = ((noise + (1 << (SHARE_BITS - 1))) >> SHARE_BITS) * share;
  const cut = NOISE_SHIFT - shift;
  return cut === 0 ? product : (product + (1 << (cut - 1))) >> cut;
}

/** A share of a constant as a term of a blend, in units of 2^-(24 + shift), rounded once. */
export function fillTerm(fill: number, share: number, shift: number): number {
  if (isBlendable(fill, shift)) return Math.round(share * fill * 2 ** (24 + shift));
  const most = blendLimit(shift);
  const message = `erase: values of rows that are blended must stay below ${most} in normalised units, got ${fill}`;
  throw new ParameterError('FILL_TOO_LARGE', message);
}

/** Whether the sum of a term of this constant and another still fits an i32. */
export const isBlendable = (fill: number, shift: number): boolean =>
  Math.abs(fill) * 2 ** (24 + shift) < 2 ** 31 - 2;

/** What such constants stay below. */
export const blendLimit = (shift: number): number => 2 ** (7 - shift);

/** A constant as an element, rounded once: a half's bits, or a float. */
export const fillElement = (fill: number, dtype: TensorType): number =>
  dtype === 'float16' ? toHalf(fill) : Math.fround(fill);
