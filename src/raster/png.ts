import type { RawImage } from '../core/image.ts';

/** The image as a PNG file. */
export async function encodePng({ data, width, height }: RawImage): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
