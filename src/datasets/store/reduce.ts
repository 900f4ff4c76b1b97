import type { Sharp } from 'sharp';
import { decodeImage, imageSize } from '../../../backends/decode/decode.ts';
import { readHeader } from '../../../backends/decode/header.ts';
import { loadSharp } from '../../../backends/decode/with-sharp.ts';
import { DataError } from '../../core/errors.ts';
import type { RawImage } from '../../core/image.ts';
import type { Reduction } from './metadata.ts';

/**
 * An image whose longer side is beyond `maxSide`, made smaller (Lanczos) and encoded as JPEG; its EXIF orientation is
 * kept. Undefined for smaller images, and for files that cannot be decoded.
 */
export async function reduceFile(
  file: Buffer,
  { maxSide, quality }: Reduction,
  maxPixels: number,
): Promise<Buffer | undefined> {
  const options = { dct: 'accurate', orientation: 'ignore', maxPixels } as const;
  try {
    const size = imageSize(file, options);
    if (Math.max(size.width, size.height) <= maxSide) return undefined;
    let data = Buffer.alloc(0);
    await decodeImage(file, options, ({ width, height }) => {
      data = Buffer.allocUnsafeSlow(width * height * 3);
      return data;
    });
    const smaller = (await resized({ ...size, data }, maxSide)).jpeg({ quality });
    const { orientation } = readHeader(file);
    if (orientation !== 1) smaller.withMetadata({ orientation });
    return await smaller.toBuffer();
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** The same for an image without an encoding, which gets none. */
export async function reduceRaw(image: RawImage, { maxSide }: Reduction): Promise<RawImage> {
  if (Math.max(image.width, image.height) <= maxSide) return image;
  const { data, info } = await (await resized(image, maxSide)).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

async function resized({ data, width, height }: RawImage, maxSide: number): Promise<Sharp> {
  const scale = maxSide / Math.max(width, height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const sharp = await loadSharp();
  const raw = { width, height, channels: 3 } as const;
  // the limit was looked at before the image was decoded
  return sharp(data, { raw, limitInputPixels: false }).resize(side(width), side(height), { fit: 'fill' });
}
