/**
 * Where an output pixel's colour comes from, in 32.32 fixed point: `words` holds coefficients as pairs (high, low word).
 * c0 x + c1 y + c2 of the three that begin at `offset`, times 2^32; below 2^53, so doubles are exact.
 */
export function positionAt(words: Int32Array, offset: number, x: number, y: number): number {
  return word64(words, offset) * x + word64(words, offset + 2) * y + word64(words, offset + 4);
}

function word64(words: Int32Array, at: number): number {
  return (words[at] as number) * 2 ** 32 + ((words[at + 1] as number) >>> 0);
}

/** The index nearest to `value` of 0..max. */
export const clampIndex = (value: number, max: number): number => Math.max(0, Math.min(max, value));
