import type { RawOptions } from 'sharp';
import { DataError } from '../../../src/core/errors.ts';
import type { Size } from '../../../src/core/image.ts';
import { loadSharp, rawPixels, turn } from '../with-sharp.ts';
import { samplesOf } from './colours.ts';
import type { TiffLayout } from './layout.ts';
import { rawCopy } from './raw-copy.ts';
import { toBytes } from './to-bytes.ts';
import { toRgb } from './to-rgb.ts';

/**
 * Decodes the first image of a TIFF file to packed u8 RGB of `size`, turned as the file says: Pillow turns TIFFs when
 * it loads them, whatever is asked for other formats. libtiff gives only the samples; the colours are made here.
 */
export async function decodeTiff(
  bytes: Buffer,
  layout: TiffLayout,
  size: Size,
  allocate: (size: Size) => Buffer,
): Promise<Size> {
  // libtiff would take what the copy has behind the end for pixels
  if (layout.end > bytes.length)
    throw new DataError('DECODE_FAILED', 'tiff: the file ends before its last pixels');
  const sharp = await loadSharp();
  const limitInputPixels = size.width * size.height;
  const image = sharp(rawCopy(bytes, layout), { failOn: 'error', ignoreIcc: true, limitInputPixels });
  const unconverted = image.toColourspace(colourspaceOf(layout)).raw({ depth: depthOf(layout) });
  const { data, info } = await rawPixels(turn(unconverted, layout.orientation), 'tiff');
  if (info.width !== size.width || info.height !== size.height || info.channels < samplesOf[layout.colours]) {
    const expected = `${size.width} x ${size.height} pixels of ${layout.samplesPerPixel} samples`;
    const actual = `${info.width} x ${info.height} of ${info.channels}`;
    throw new DataError('DECODE_FAILED', `tiff: the header declares ${expected}, the file holds ${actual}`);
  }
  toRgb(toBytes(data, layout.sampleType), info.channels, layout, allocate(size));
  return size;
}

/** That in which sharp leaves the samples as they are. */
function colourspaceOf({ samplesPerPixel, sampleType }: TiffLayout): string {
  if (sampleType.endsWith('int16')) return samplesPerPixel < 3 ? 'grey16' : 'rgb16';
  return samplesPerPixel < 3 ? 'b-w' : 'srgb';
}

function depthOf({ sampleType }: TiffLayout): NonNullable<RawOptions['depth']> {
  if (sampleType === 'uint16') return 'ushort';
  if (sampleType === 'int16') return 'short';
  if (sampleType === 'uint32') return 'uint';
  if (sampleType === 'int32') return 'int';
  if (sampleType === 'float32') return 'float';
  return sampleType === 'int8' ? 'char' : 'uchar';
}
