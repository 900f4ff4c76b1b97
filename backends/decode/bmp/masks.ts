import { DataError } from '../../../src/core/errors.ts';

/** Where a colour's bits are in a pixel. */
export interface Mask {
  readonly shift: number;
  /** The largest value. */
  readonly largest: number;
}

/** Behind the sizes, whether they count as part of the header or not. */
const MASKS_AT = 54;
const usual: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x3e0, 0x1f],
  24: [0xff0000, 0xff00, 0xff],
  32: [0xff0000, 0xff00, 0xff],
};

/** The masks of red, green and blue. Throws DataError. */
export function readMasks(bytes: Buffer, bits: number, areDeclared: boolean): Mask[] {
  const declared = areDeclared ? [0, 4, 8].map((at) => bytes.readUInt32LE(MASKS_AT + at)) : [];
  const areUsual = declared.every((mask) => mask === 0);
  return (areUsual ? (usual[bits] as readonly number[]) : declared).map((mask) => toMask(mask, bits));
}

function toMask(mask: number, bits: number): Mask {
  const shift = 31 - Math.clz32(mask & -mask);
  const largest = mask === 0 ? 0 : mask >>> shift;
  const isRun = (largest & (largest + 1)) === 0;
  if (largest > 0 && isRun && mask < 2 ** bits) return { shift, largest };
  throw new DataError(
    'DECODE_FAILED',
    `bmp: the colour mask 0x${mask.toString(16)} is not read; save it with 24 bits per pixel`,
  );
}
