import { fromHalf } from '../core/half.ts';
import type { RawImage, Size, TensorFormat } from '../core/image.ts';
import { instead } from './compare.ts';

const channels = ['red', 'green', 'blue'] as const;

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
  { dtype, layout }: TensorFormat,
): string | undefined {
  const values = (bytes: Uint8Array) => {
    const { buffer } = Uint8Array.from(bytes);
    return dtype === 'float16' ? Array.from(new Uint16Array(buffer), fromHalf) : new Float32Array(buffer);
  };
  const byte = firstOther(expected, actual);
  if (byte === undefined) return undefined;
  const at = Math.floor(byte / (dtype === 'float16' ? 2 : 4));
  const pixels = size.width * size.height;
  const [pixel, channel] =
    layout === 'nhwc' ? [Math.floor(at / 3), at % 3] : [at % pixels, Math.floor(at / pixels)];
  return `${place(pixel, channel, size)}: ${instead(values(actual)[at], values(expected)[at])}`;
}

const place = (pixel: number, channel: number, { width }: Size): string =>
  `pixel (${pixel % width}, ${Math.floor(pixel / width)}) ${channels[channel]}`;

function firstOther(expected: Uint8Array, actual: Uint8Array): number | undefined {
  const at = expected.findIndex((value, i) => value !== actual[i]);
  return at === -1 ? undefined : at;
}
