import { fromHalf } from './half.ts';
import type { TensorFormat } from './image.ts';

/** Channels of images and tensors, in their order. */
export const channelNames = ['red', 'green', 'blue'] as const;

/** The elements in a tensor's bytes, in the order in which they lie there. */
export function tensorElements({ buffer, byteOffset, byteLength }: Uint8Array, { dtype }: TensorFormat) {
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  return dtype === 'float32' ? new Float32Array(bytes) : Float32Array.from(new Uint16Array(bytes), fromHalf);
}
