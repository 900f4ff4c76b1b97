import type { Size } from '../../../src/core/image.ts';
import { compression } from './tags.ts';
import { compressionOf, lengthsOf, refused, type Values } from './values.ts';

/**
 * YCbCr becomes RGB by the tables of Pillow or of libtiff, which round differently, or within libtiff, which then does
 * not give the samples as they are stored.
 */
export type Conversion = 'like Pillow' | 'like libtiff' | 'within libtiff';

/** Those of most files, and of those that name none: luma's weights of red, green and blue; black and white. */
const usualWeights = [0.299, 0.587, 0.114];
const usualRange = [0, 255, 128, 255, 128, 255];

/** Pillow leaves to libtiff what is compressed. */
export function conversionOf(values: Values, { width, height }: Size): Conversion {
  const number = compressionOf(values);
  const total = lengthsOf(values).reduce((sum, length) => sum + length, 0);
  if (number === compression.none && total >= width * height * 3) return 'like Pillow';
  const isSubsampled = values('yCbCrSubsampling').join() !== '1,1';
  const isJpeg = number === compression.jpeg || number === compression.oldJpeg;
  if (isSubsampled || isJpeg) return 'within libtiff';
  if (
    !isUsual(values('yCbCrCoefficients'), usualWeights) ||
    !isUsual(values('referenceBlackWhite'), usualRange)
  )
    throw refused('YCbCr with weights or a range of its own is');
  return 'like libtiff';
}

const isUsual = (parts: readonly number[], usual: readonly number[]): boolean =>
  parts.length === 0 ||
  usual.every((value, i) => Math.abs((parts[2 * i] as number) / (parts[2 * i + 1] as number) - value) < 1e-5);
