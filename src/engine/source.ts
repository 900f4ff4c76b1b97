import { type DecodeOptions, imageSize } from '../../backends/kernels/decode/decode.ts';
import { DataError } from '../core/errors.ts';
import { isRawImage, type RawImage, type Size } from '../core/image.ts';
import type { Source } from '../datasets/dataset.ts';

/** Size of the image that a source will give. Throws DataError for what cannot be one. */
export function sourceSize(source: Source, options: DecodeOptions): Size {
  const file = encodedFile(source);
  return file === undefined ? checkRawImage(source as RawImage) : imageSize(file, options);
}

/** The file that `decodeImage` takes; undefined for raw pixels. */
export function encodedFile(source: Source): Buffer | undefined {
  if (Buffer.isBuffer(source)) return source;
  return 'bytes' in source ? source.bytes : undefined;
}

/** Too few bytes would leave a part of the image before in the memory that is used again. */
function checkRawImage(image: RawImage): RawImage {
  if (isRawImage(image)) return image;
  const expected =
    'a Buffer of encoded bytes, or { data: u8 RGB of width * height * 3 bytes, width, height }';
  throw new DataError('INVALID_IMAGE', `the reader must give ${expected}`);
}
