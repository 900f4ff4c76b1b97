import type { SampleType } from './colours.ts';

/** Samples of 8 bits: the upper ones of 16; of other types those in 0..255, as Pillow clips them. */
export function toBytes(data: Buffer, type: SampleType): Uint8Array {
  const { buffer, byteOffset, length } = data;
  if (type === 'uint16')
    return Uint8Array.from(new Uint16Array(buffer, byteOffset, length / 2), (v) => v >> 8);
  if (type === 'int16') return clipped(new Int16Array(buffer, byteOffset, length / 2));
  if (type === 'uint32') return clipped(new Uint32Array(buffer, byteOffset, length / 4));
  if (type === 'int32') return clipped(new Int32Array(buffer, byteOffset, length / 4));
  return type === 'float32' ? clipped(new Float32Array(buffer, byteOffset, length / 4)) : data;
}

function clipped(values: Int16Array | Uint32Array | Int32Array | Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.max(0, Math.min(255, values[i] as number));
  return bytes;
}
