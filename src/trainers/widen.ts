import { fromHalf } from '../core/half.ts';

/** How a file's numbers are stored, by the names of safetensors: little-endian. */
export type NumberType = 'F32' | 'F16' | 'BF16' | 'F64';

export const bytesPerNumber = { F32: 4, F16: 2, BF16: 2, F64: 8 } as const satisfies Record<
  NumberType,
  number
>;

/** Numbers as float32, copied: halves are widened without a change, float64 is rounded. `bytes` holds a whole number of them. */
export function widened(type: NumberType, bytes: Uint8Array): Float32Array {
  // numbers of a typed array begin at multiples of their size, and those of a file anywhere
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), fromHalf);
    case 'BF16':
      // the upper half of a float32
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
  }
}
