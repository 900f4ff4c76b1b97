import { DataError } from '../../../src/core/errors.ts';
import type { Size } from '../../../src/core/image.ts';

/** How the pixels of a PBM, PGM or PPM file are stored. */
export interface PnmLayout extends Size {
  readonly channels: 1 | 3;
  readonly isText: boolean;
  readonly isBitmap: boolean;
  /** The sample that stands for white; 1 of a bitmap, where it is black. */
  readonly largest: number;
  /** Where the pixels start. */
  readonly offset: number;
}

/** As Pillow: `P`, a digit, white space. */
export const isPnm = (bytes: Buffer): boolean => /^P[1-6][ \t-\r]/.test(bytes.toString('latin1', 0, 3));

const MOST_DIGITS = 10;

/** Throws DataError, and RangeError where the file ends within its header. */
export function readPnmLayout(bytes: Buffer): PnmLayout {
  const kind = bytes.readUInt8(1) - 48;
  const isBitmap = kind === 1 || kind === 4;
  const width = readNumber(bytes, 2);
  const height = readNumber(bytes, width.end);
  const largest = isBitmap ? { value: 1, end: height.end } : readNumber(bytes, height.end);
  if (largest.value < 1 || largest.value > 65_535)
    throw new DataError('DECODE_FAILED', `pnm: expected a largest value of 1..65535, got ${largest.value}`);
  return {
    ...{ width: width.value, height: height.value, isBitmap, isText: kind <= 3, largest: largest.value },
    ...{ channels: kind === 3 || kind === 6 ? 3 : 1, offset: largest.end },
  };
}

/** A number and the place behind the white space that ends it. A comment goes from # to the end of its line. */
function readNumber(bytes: Buffer, start: number): { value: number; end: number } {
  let digits = '';
  for (let at = start; digits.length <= MOST_DIGITS; at++) {
    const character = String.fromCharCode(bytes.readUInt8(at));
    if (character === '#') {
      while (!/[\r\n]/.test(String.fromCharCode(bytes.readUInt8(at)))) at++;
    } else if (!/\s/.test(character)) digits += character;
    else if (digits !== '') return { value: toNumber(digits), end: at + 1 };
  }
  return { value: toNumber(digits), end: start };
}

function toNumber(digits: string): number {
  if (/^\d{1,10}$/.test(digits)) return Number(digits);
  throw new DataError('DECODE_FAILED', `pnm: expected a number in the header, got ${JSON.stringify(digits)}`);
}
