import type { RawImage, Size } from '../../src/core/image.ts';
import { randomFor } from '../../src/core/random.ts';

/** The levels that an image has, from the lowest to the highest. */
export type Levels = readonly [low: number, high: number];

/** Uniform noise: the hardest image for a filter, since neighbours have nothing in common. */
export function noise({ width, height }: Size, seed: number, [low, high]: Levels = [0, 255]): RawImage {
  const rng = randomFor(seed >>> 0, 0, 0, 0);
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = low + ((rng.uint32() & 255) % (high - low + 1));
  return { width, height, data };
}

/** The first few places where two byte arrays differ, as [index, actual, expected]. */
export function differences(actual: Uint8Array, expected: Uint8Array): number[][] {
  const found: number[][] = [];
  if (actual.length !== expected.length) found.push([-1, actual.length, expected.length]);
  for (let i = 0; i < expected.length && found.length < 5; i++) {
    if (actual[i] !== expected[i]) found.push([i, actual[i] as number, expected[i] as number]);
  }
  return found;
}
