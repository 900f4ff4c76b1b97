import { DataError } from '../../src/core/errors.ts';

/** A PNG starts with the length and the type of IHDR; without it there are no sizes at their places. Throws DataError. */
export function checkFirstChunk(bytes: Buffer): void {
  const length = bytes.readUInt32BE(8);
  const type = bytes.readUInt32BE(12);
  if (length === 13 && type === 0x49484452) return;
  const name = bytes.toString('latin1', 12, 16);
  const reason =
    name === 'CgBI'
      ? "Apple's CgBI variant of PNG is not readable; re-save it as PNG"
      : `expected IHDR of 13 bytes first, got ${JSON.stringify(name)} of ${length}`;
  throw new DataError('DECODE_FAILED', `png: ${reason}`);
}
