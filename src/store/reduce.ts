import { decodeImage, imageSize } from '../../backends/kernels/decode/decode.ts';
import { readHeader } from '../../backends/kernels/decode/header.ts';
import { loadSharp } from '../../backends/kernels/decode/with-sharp.ts';
import { DataError } from '../core/errors.ts';
import type { RawImage } from '../core/image.ts';
import type { Source } from '../datasets/dataset.ts';
import type { Reduction } from './metadata.ts';

/**
 * An image whose longer side is beyond `maxSide`, made smaller (Lanczos) and encoded as JPEG; its EXIF orientation is
 * kept. Undefined for smaller images, and for files that cannot be decoded.
 */
export async function reduceImage(
  source: Exclude<Source, RawImage>,
  { maxSide, quality }: Reduction,
  maxPixels: number,
): Promise<Buffer | undefined> {
  const file = Buffer.isBuffer(source) ? source : source.bytes;
  const options = { dct: 'accurate', orientation: 'ignore', maxPixels } as const;
  try {
    const { width, height } = imageSize(file, options);
    if (Math.max(width, height) <= maxSide) return undefined;
    let data = Buffer.alloc(0);
    await decodeImage(file, options, (size) => {
      data = Buffer.allocUnsafeSlow(size.width * size.height * 3);
      return data;
    });
    const scale = maxSide / Math.max(width, height);
    const side = (length: number) => Math.max(1, Math.round(length * scale));
    const sharp = await loadSharp();
    const smaller = sharp(data, { raw: { width, height, channels: 3 } })
      .resize(side(width), side(height), { fit: 'fill' })
      .jpeg({ quality });
    const { orientation } = readHeader(file);
    if (orientation !== 1) smaller.withMetadata({ orientation });
    return await smaller.toBuffer();
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}
