import type { RawImage } from '../../core/image.ts';
import type { Reader } from '../dataset.ts';

/** For datasets whose locator is the image itself: encoded bytes on shared memory, or raw pixels. */
export function openReader(): Reader {
  return {
    read(locator) {
      const image = locator as Uint8Array | RawImage;
      return image instanceof Uint8Array
        ? Buffer.from(image.buffer, image.byteOffset, image.byteLength)
        : image;
    },
    close() {},
  };
}
