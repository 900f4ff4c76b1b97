import { type DecodeOptions, decodeImage, imageSize } from '../../../backends/decode/decode.ts';
import { intervalImageSize } from '../../../backends/decode/region.ts';
import type { RawImage, Size } from '../../core/image.ts';
import { checkRawImage, type Source } from '../../datasets/dataset.ts';

/** Size of the image that a source will give. Throws DataError for what cannot be one. */
export function sourceSize(source: Source, options: DecodeOptions): Size {
  if (Buffer.isBuffer(source)) return imageSize(source, options);
  return 'intervalEnds' in source ? intervalImageSize(source, options) : checkRawImage(source);
}

/** The whole image, as the operators of a pipeline are given it; the caller's own. */
export async function decodeSource(source: Source, options: DecodeOptions): Promise<RawImage> {
  const file = encodedFile(source);
  if (file === undefined) {
    const { width, height, data } = checkRawImage(source as RawImage);
    return { width, height, data: Uint8Array.from(data) };
  }
  let data = Buffer.alloc(0);
  const size = await decodeImage(file, options, ({ width, height }) => {
    data = Buffer.alloc(width * height * 3);
    return data;
  });
  return { ...size, data };
}

const FIRST_BYTES = 16;

/** How a source's file begins, in hexadecimal; undefined for what has no file, whatever a reader gave. */
export function firstBytes(source: Source | undefined): string | undefined {
  if (typeof source !== 'object' || source === null) return undefined;
  const file = encodedFile(source);
  return Buffer.isBuffer(file) ? file.toString('hex', 0, FIRST_BYTES) : undefined;
}

/** The file that `decodeImage` takes; undefined for raw pixels. */
export function encodedFile(source: Source): Buffer | undefined {
  if (Buffer.isBuffer(source)) return source;
  return 'bytes' in source ? source.bytes : undefined;
}
