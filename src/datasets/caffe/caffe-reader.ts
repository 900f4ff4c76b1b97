import { DataError } from '../../core/errors.ts';
import type { Reader, Source } from '../dataset.ts';
import { OpenFiles } from '../pieces/open-files.ts';
import { interleavePlanes } from '../raw/interleave-planes.ts';
import { repeatGray } from '../repeat-gray.ts';
import type { LabelFault } from '../tar/sample-label.ts';
import type { DatumSize } from './datum.ts';

export interface CaffeReaderOptions {
  readonly path: string;
}

/** Where an image is in the file, in bytes; of one that is not encoded its size; for a sample that is bad, why. */
export interface CaffeLocator {
  readonly key: string;
  readonly offset: number;
  readonly length: number;
  readonly size?: DatumSize;
  readonly fault?: LabelFault;
}

/** Reads images into one buffer that is used again. */
export function openReader({ path }: CaffeReaderOptions): Reader {
  let buffer = Buffer.allocUnsafeSlow(1 << 18);
  let rgb = new Uint8Array(0);
  const files = new OpenFiles([path]);
  const toRgb = (data: Buffer, { channels, width, height }: DatumSize): Source => {
    if (rgb.length !== width * height * 3) rgb = new Uint8Array(width * height * 3);
    if (channels === 1) repeatGray(data, rgb);
    else interleavePlanes(data, rgb);
    // Caffe's colours are OpenCV's: blue first
    return { data: channels === 1 ? rgb : swapEnds(rgb), width, height };
  };
  return {
    read(locator): Source {
      const { key, offset, length, size, fault } = locator as CaffeLocator;
      if (fault !== undefined) throw new DataError(fault.code, `${path}: ${key}: ${fault.message}`);
      if (length > buffer.length) buffer = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25));
      const count = files.read(0, buffer, length, offset);
      if (count < length) {
        const reason = `expected ${length} bytes at offset ${offset}, got ${count}`;
        throw new DataError(
          'TRUNCATED_LMDB',
          `${path}: ${key}: is cut: ${reason} (it had them when it was listed)`,
        );
      }
      const data = buffer.subarray(0, length);
      return size === undefined ? data : toRgb(data, size);
    },
    close: () => files.close(),
  };
}

function swapEnds(pixels: Uint8Array): Uint8Array {
  for (let at = 0; at < pixels.length; at += 3) {
    const first = pixels[at] as number;
    pixels[at] = pixels[at + 2] as number;
    pixels[at + 2] = first;
  }
  return pixels;
}
