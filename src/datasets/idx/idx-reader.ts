import type { RawImage } from '../../core/image.ts';
import type { Reader } from '../dataset.ts';
import { repeatGray } from '../repeat-gray.ts';

export interface IdxReaderOptions {
  /** All images, on shared memory: u8 [n, height, width, channels]. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1: gray; 3: RGB. */
  readonly channels: number;
}

/** Gives images by their number; gray ones as RGB, in one buffer that is used again. */
export function openReader({ pixels, width, height, channels }: IdxReaderOptions): Reader {
  const imageBytes = width * height * channels;
  const rgb = new Uint8Array(width * height * 3);
  return {
    read(locator): RawImage {
      const start = (locator as number) * imageBytes;
      const image = pixels.subarray(start, start + imageBytes);
      if (channels === 3) return { data: image, width, height };
      repeatGray(image, rgb);
      return { data: rgb, width, height };
    },
    close() {},
  };
}
