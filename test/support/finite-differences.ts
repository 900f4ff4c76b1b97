import { randomFor } from '../../src/core/random.ts';

/** Numbers between -1 and 1, the same for a seed. */
export function randomFloats(size: number, seed: number): Float64Array {
  const rng = randomFor(seed, 0, 0, 0);
  return Float64Array.from({ length: size }, () => rng.uniform(-1, 1));
}

/** Derivatives of what `compute` gives by each of the values that it reads; right to about 1e-9. */
export function derivativesOf(compute: () => number, values: Float64Array): Float64Array {
  const step = 1e-5;
  const derivatives = values.map((value, i) => {
    values[i] = value + step;
    const above = compute();
    values[i] = value - step;
    const below = compute();
    values[i] = value;
    return (above - below) / (2 * step);
  });
  return derivatives;
}

/** Largest distance between values of two lists of one length. */
export function distanceOf(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] as number))), 0);
}

export const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
