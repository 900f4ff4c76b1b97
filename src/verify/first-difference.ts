import { bytesPerElement, type RawImage, type Size, type TensorFormat } from '../core/image.ts';
import { channelNames, tensorElements } from '../core/tensor.ts';
import { instead } from './compare.ts';

/** The first pixel in which two images differ, with both values; undefined where there is none. */
export function firstOtherPixel(expected: RawImage, actual: RawImage): string | undefined {
  const size = ({ width, height }: Size) => `${width} x ${height} pixels`;
  if (size(expected) !== size(actual)) return instead(size(actual), size(expected));
  const at = firstOther(expected.data, actual.data);
  if (at === undefined) return undefined;
  const pixel = Math.floor(at / 3);
  const values = instead(actual.data[at], expected.data[at]);
  return `${place(pixel, at % 3, expected)}: ${values}`;
}

/** The same of two tensors' bytes. */
export function firstOtherElement(
  expected: Uint8Array,
  actual: Uint8Array,
  size: Size,
  format: TensorFormat,
): string | undefined {
  const byte = firstOther(expected, actual);
  if (byte === undefined) return undefined;
  const at = Math.floor(byte / bytesPerElement(format.dtype));
  const pixels = size.width * size.height;
  const [pixel, channel] =
    format.layout === 'nhwc' ? [Math.floor(at / 3), at % 3] : [at % pixels, Math.floor(at / pixels)];
  return `${place(pixel, channel, size)}: ${instead(tensorElements(actual, format)[at], tensorElements(expected, format)[at])}`;
}

const place = (pixel: number, channel: number, { width }: Size): string =>
  `pixel (${pixel % width}, ${Math.floor(pixel / width)}) ${channelNames[channel]}`;

function firstOther(expected: Uint8Array, actual: Uint8Array): number | undefined {
  const at = expected.findIndex((value, i) => value !== actual[i]);
  return at === -1 ? undefined : at;
}
