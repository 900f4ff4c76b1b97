import type { RawImage } from '../src/core/image.ts';
import type { Dataset, Reader } from '../src/datasets/dataset.ts';

const SIDE = 28;
const CLASSES = 10;

/** `length` gray images of 28 x 28, each another, of which nothing is kept in memory. */
export const generatedImages = (length: number): Dataset => ({
  name: `generated(${length})`,
  length,
  classes: Array.from({ length: CLASSES }, (_, label) => String(label)),
  key: (index) => String(index),
  label: (index) => index % CLASSES,
  locator: (index) => index,
  byteLength: async () => SIDE * SIDE,
  reader: { module: import.meta.url },
});

export function openReader(): Reader {
  const data = new Uint8Array(SIDE * SIDE * 3);
  return {
    read(index): RawImage {
      for (let pixel = 0; pixel < SIDE * SIDE; pixel++)
        data.fill(Math.imul(index as number, 2654435761) >>> (pixel % 24), pixel * 3, pixel * 3 + 3);
      return { data, width: SIDE, height: SIDE };
    },
    close() {},
  };
}
