import { fromHalf } from './half.ts';
import type { RawImage, Size, TensorFormat } from './image.ts';

/** Channels of images and tensors, in their order. */
export const channelNames = ['red', 'green', 'blue'] as const;

/** The elements in a tensor's bytes, in the order in which they lie there. */
export function tensorElements({ buffer, byteOffset, byteLength }: Uint8Array, { dtype }: TensorFormat) {
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  return dtype === 'float32' ? new Float32Array(bytes) : Float32Array.from(new Uint16Array(bytes), fromHalf);
}

/** One channel's elements, row by row of the image. */
export function channelElements(tensor: Uint8Array, format: TensorFormat, channel: number): Float32Array {
  const elements = tensorElements(tensor, format);
  const count = elements.length / 3;
  if (format.layout === 'nchw') return elements.subarray(channel * count, (channel + 1) * count);
  return Float32Array.from({ length: count }, (_, pixel) => elements[pixel * 3 + channel] as number);
}

/** The tensor as pixels again: what it holds between black and white, rounded to levels. */
export function tensorImage(tensor: Uint8Array, format: TensorFormat, { width, height }: Size): RawImage {
  const data = new Uint8ClampedArray(width * height * 3);
  for (const [channel, mean] of format.mean.entries()) {
    const std = format.std[channel] as number;
    for (const [pixel, value] of channelElements(tensor, format, channel).entries())
      data[pixel * 3 + channel] = (value * std + mean) * 255;
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}
