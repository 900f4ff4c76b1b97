import type { Box, RawImage, Size } from '../../src/core/image.ts';
import { randomFor } from '../../src/core/random.ts';
import { photographs, readPhotograph } from '../../src/demo/photographs.ts';

/** As many images of a size, cut from the photographs at random places, the same ones every time. */
export async function cutRegions(size: Size, count: number): Promise<RawImage[]> {
  const sources = await Promise.all(photographs.map(readPhotograph));
  return Array.from({ length: count }, (_, i) => {
    const rng = randomFor(1, 0, i, 0);
    const source = sources[i % sources.length] as RawImage;
    const left = rng.integer(source.width - size.width + 1);
    const top = rng.integer(source.height - size.height + 1);
    return cutOut(source, { left, top, ...size });
  });
}

/** The part of an image that lies in the box. */
export function cutOut({ data, width: sourceWidth }: RawImage, { left, top, width, height }: Box): RawImage {
  const part = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * sourceWidth + left) * 3;
    part.set(data.subarray(from, from + width * 3), y * width * 3);
  }
  return { data: part, width, height };
}
