import { at } from './at.ts';
import { channelVectors } from './lazy.ts';

/** Shared by the batch norm's kernels: a channel's vectors from its sums. */

interface Normalized {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
  readonly vectors: Float64Array;
}

type Size = { readonly c4: number };

/** Place of a channel's value in the vectors [8, channels]. */
const place = (vector: keyof typeof channelVectors, c: number, { c4 }: Size): number =>
  channelVectors[vector] * 4 * c4 + c;

/** The vectors of the output, by the mean and the variance of the input. */
export function putNormalization(
  { scale, shift, vectors }: Normalized,
  p: Size & { readonly epsilon: number },
  c: number,
  [mean, variance]: readonly [number, number],
): void {
  const deviation = 1 / Math.sqrt(variance + p.epsilon);
  const slope = at(scale, c) * deviation;
  vectors[place('scale', c, p)] = slope;
  vectors[place('shift', c, p)] = at(shift, c) - slope * mean;
  vectors[place('mean', c, p)] = mean;
  vectors[place('deviation', c, p)] = deviation;
}

interface Differentiated {
  readonly scale: Float64Array;
  readonly vectors: Float64Array;
  readonly scaleGradient: Float64Array;
  readonly shiftGradient: Float64Array;
}

/**
 * The gradients, by the sums over rows of g and of g xhat: g is the output's gradient, xhat the input less its mean, divided by
 * its standard deviation.
 */
export function putGradients(
  { scale, vectors, scaleGradient, shiftGradient }: Differentiated,
  p: Size & { readonly rows: number },
  c: number,
  [sum, sumOfProducts]: readonly [number, number],
): void {
  const deviation = at(vectors, place('deviation', c, p));
  const slope = at(scale, c) * deviation;
  const bend = (-slope * deviation * sumOfProducts) / p.rows;
  vectors[place('slope', c, p)] = slope;
  vectors[place('bend', c, p)] = bend;
  vectors[place('offset', c, p)] = (-slope * sum) / p.rows - bend * at(vectors, place('mean', c, p));
  scaleGradient[c] = at(scaleGradient, c) + sumOfProducts;
  shiftGradient[c] = at(shiftGradient, c) + sum;
}
