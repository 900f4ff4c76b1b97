import type { KernelCall } from '../kernel.ts';
import { boxBlur } from './box-blur.ts';

/** The calls that blur as Pillow's ImageFilter.GaussianBlur(sigma) does. */
export function blurCalls(sigma: number): KernelCall[] {
  const weights = boxWeights(boxRadius(sigma));
  return [boxBlur({ ...weights, isVertical: 0 }), boxBlur({ ...weights, isVertical: 1 })];
}

/** A box of radius r + a, 0 <= a < 1, has the values beyond r with weight a. */
function boxWeights(radius: number): { radius: number; weight: number; edgeWeight: number } {
  const whole = Math.trunc(radius);
  const weight = Math.trunc(Math.fround(2 ** 24 / Math.fround(radius * 2 + 1)));
  const edgeWeight = Math.floor((2 ** 24 - (whole * 2 + 1) * weight) / 2);
  return { radius: whole, weight, edgeWeight };
}

/**
 * The radius of the box that, three times over, has the variance of a Gaussian: Gwosdek et al., "Theoretical foundations of
 * Gaussian convolution by extended box filtering", SSVM 2011. Every step is rounded to float32 as in Pillow's BoxBlur.c.
 */
export function boxRadius(sigma: number): number {
  const { fround, floor, sqrt } = Math;
  const variance = fround(fround(fround(sigma) ** 2) / 3);
  const length = fround(sqrt(12 * variance + 1));
  const whole = fround(floor((length - 1) / 2));
  const next = fround(whole + 1);
  const numerator = fround(fround(2 * whole + 1) * fround(fround(whole * next) - fround(3 * variance)));
  const denominator = fround(6 * fround(variance - fround(next * next)));
  return fround(whole + fround(numerator / denominator));
}
