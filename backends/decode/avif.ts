import { DataError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import { readAvif } from './avif-header.ts';
import type { ImageHeader } from './image-header.ts';
import { decodeWithSharp, loadSharp } from './with-sharp.ts';

const MAJOR_BRAND = 8;
/** Of files that hold a sequence of images. libvips does not know them, though their first image is one as any other. */
const sequenceBrands = ['avis', 'msf1'];

/**
 * Decodes an AVIF file as Pillow does: of a sequence the first image, not cut, its colours divided by alpha where they were
 * multiplied by it. Turned as the file says.
 */
export async function decodeAvif(
  bytes: Buffer,
  header: ImageHeader,
  maxPixels: number,
  allocate: (size: Size) => Buffer,
): Promise<Size> {
  const { cuts, isPremultiplied } = readAvif(bytes);
  const isSequence = sequenceBrands.includes(bytes.toString('latin1', MAJOR_BRAND, MAJOR_BRAND + 4));
  const file = isSequence || cuts.length > 0 ? Buffer.from(bytes) : bytes;
  if (isSequence) file.write('avif', MAJOR_BRAND, 'latin1');
  // number 0 stands for no property
  for (const cut of cuts) file.writeUIntBE(0, cut.at, cut.bytes);
  let target: Buffer = file;
  const { width, height } = header;
  const request = { orientation: 1, size: { width, height }, maxPixels } as const;
  const size = await decodeWithSharp(file, header, request, (asked) => {
    target = allocate(asked);
    return target;
  });
  if (isPremultiplied) divideByAlpha(target, await alphaOf(file, maxPixels));
  return size;
}

async function alphaOf(file: Buffer, maxPixels: number): Promise<Buffer> {
  const sharp = await loadSharp();
  const image = sharp(file, { limitInputPixels: maxPixels }).extractChannel('alpha');
  return image
    .raw()
    .toBuffer()
    .catch((cause: Error) => {
      throw new DataError('DECODE_FAILED', `avif: colours multiplied by alpha: ${cause.message}`, { cause });
    });
}

/** Pixels that cannot be seen are black, as in libavif. */
function divideByAlpha(rgb: Buffer, alpha: Buffer): void {
  for (let i = 0; i < rgb.length; i++) {
    const opacity = alpha[Math.floor(i / 3)] as number;
    rgb[i] = opacity === 0 ? 0 : Math.min(255, Math.round(((rgb[i] as number) * 255) / opacity));
  }
}
