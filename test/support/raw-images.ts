import type { RawImage } from '../../src/core/image.ts';
import type { ImageItem } from '../../src/datasets/memory/images.ts';

/** An image whose pixels depend on `seed` and place, and differ between neighbours. */
export function patternImage(seed: number, width: number, height: number): RawImage {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => (seed * 37 + i * 13 + ((i * i) >> 4)) & 255,
  );
  return { data, width, height };
}

/** `count` raw images of different sizes in `classes` classes. */
export function patternItems(count: number, classes = 5): ImageItem[] {
  return Array.from({ length: count }, (_, i) => ({
    image: patternImage(i, 20 + (i % 7), 18 + (i % 5)),
    label: i % classes,
    key: `pattern-${i}`,
  }));
}

/** A PNM file of 24 x 20 pixels. */
export function pnm(seed: number): Buffer {
  const { data, width, height } = patternImage(seed, 24, 20);
  return Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), data]);
}
