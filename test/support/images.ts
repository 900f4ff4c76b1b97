import type { RawImage, Size } from '../../src/core/image.ts';
import { randomFor } from '../../src/core/random.ts';

/** Uniform noise: the hardest image for a filter, since neighbours have nothing in common. */
export function noise({ width, height }: Size, seed: number): RawImage {
  const rng = randomFor(seed >>> 0, 0, 0, 0);
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = rng.uint32();
  return { width, height, data };
}
