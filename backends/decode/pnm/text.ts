import { DataError } from '../../../src/core/errors.ts';
import type { PnmLayout } from './layout.ts';

const COMMENT = 0x23;
const ZERO = 0x30;
const isSpace = (code: number): boolean => code === 0x20 || (code >= 9 && code <= 13);

/** The first `count` samples of a file in decimal digits; undefined where it has fewer. Throws DataError. */
export function readText(
  bytes: Buffer,
  { offset, isBitmap, largest }: PnmLayout,
  count: number,
): Uint16Array | undefined {
  // a sample takes a byte, and one more between two of a graymap
  if (bytes.length - offset < (isBitmap ? count : 2 * count - 1)) return undefined;
  const samples = new Uint16Array(count);
  let filled = 0;
  let value = -1;
  for (let at = offset; at <= bytes.length && filled < count; at++) {
    const code = at < bytes.length ? (bytes[at] as number) : 0x20;
    if (code >= ZERO && code <= ZERO + 9) {
      value = Math.max(value, 0) * 10 + code - ZERO;
      if (value > largest) throw notASample(String(value), largest);
    } else if (code === COMMENT) {
      // it takes no part in a number that it interrupts
      while (at + 1 < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at++;
      continue;
    } else if (!isSpace(code)) throw notASample(String.fromCharCode(code), largest);
    // the digits of a bitmap need no space between them
    if (value >= 0 && (isBitmap || isSpace(code))) {
      samples[filled++] = value;
      value = -1;
    }
  }
  return filled === count ? samples : undefined;
}

const notASample = (found: string, largest: number): DataError =>
  new DataError('DECODE_FAILED', `pnm: expected samples of 0..${largest}, got ${JSON.stringify(found)}`);
