import type { Sharp } from 'sharp';
import { BackendError, DataError, reasonOf } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import { importUninterrupted } from '../threads/thread-task.ts';
import { spreadLimitedGray } from './avif-range.ts';
import { convertCmyk } from './cmyk.ts';
import type { ImageFormat, ImageHeader, Orientation } from './image-header.ts';

interface Request {
  readonly orientation: Orientation;
  readonly size: Size;
  readonly maxPixels: number;
}

/** Decodes everything but ordinary JPEGs and PNGs. sharp is loaded when it is first needed. */
export async function decodeWithSharp(
  bytes: Buffer,
  header: ImageHeader,
  { orientation, size, maxPixels }: Request,
  allocate: (size: Size) => Buffer,
): Promise<Size> {
  const sharp = await loadSharp();
  // Pillow takes damaged data that still decodes, but no file that ends too early; it applies no colour profile
  const image = sharp(bytes, { failOn: 'truncated', ignoreIcc: true, limitInputPixels: maxPixels });
  const isCmyk = header.jpeg?.components === 4;
  // libvips would convert CMYK by a profile of its own
  const colours = isCmyk
    ? image.pipelineColourspace('cmyk').toColourspace('cmyk')
    : image.removeAlpha().toColourspace('srgb');
  const { data, info } = await rawPixels(turn(colours, orientation).raw(), header.format);
  if (info.width !== size.width || info.height !== size.height || info.channels !== (isCmyk ? 4 : 3)) {
    const expected = `${size.width} x ${size.height}`;
    const actual = `${info.width} x ${info.height} x ${info.channels}`;
    throw new DataError(
      'DECODE_FAILED',
      `${header.format}: the header declares ${expected} pixels, the file holds ${actual}`,
    );
  }
  const target = allocate(size);
  if (isCmyk) convertCmyk(data, 4, target);
  else target.set(data);
  if (header.format === 'avif') spreadLimitedGray(bytes, target);
  return size;
}

/** Runs what sharp was asked for. Rejects with DataError. */
export const rawPixels = (image: Sharp, format: ImageFormat) =>
  image.toBuffer({ resolveWithObject: true }).catch((cause: Error) => {
    // libraries under it may add lines of their own
    const [reason] = cause.message.split('\n');
    throw new DataError('DECODE_FAILED', `${format}: ${reason}`, { cause });
  });

type SharpFunction = typeof import('sharp')['default'];
let loading: Promise<SharpFunction> | undefined;

/** One thread an image and no cache: the workers are the parallelism. */
export function loadSharp(): Promise<SharpFunction> {
  loading ??= importUninterrupted(() => import('sharp')).then(
    ({ default: sharp }) => {
      sharp.concurrency(1);
      sharp.cache(false);
      return sharp;
    },
    (cause) => {
      // a failure may pass: it is not remembered
      loading = undefined;
      throw new BackendError('SHARP_MISSING', `cannot load the package sharp: ${reasonOf(cause)}`, { cause });
    },
  );
  return loading;
}

/** Mirrors and turns as EXIF orientation says. sharp mirrors before it turns. */
export function turn(image: Sharp, orientation: Orientation): Sharp {
  if (orientation === 2) return image.flop();
  if (orientation === 3) return image.rotate(180);
  if (orientation === 4) return image.flip();
  if (orientation === 5) return image.flip().rotate(90);
  if (orientation === 6) return image.rotate(90);
  if (orientation === 7) return image.flop().rotate(90);
  return orientation === 8 ? image.rotate(270) : image;
}
