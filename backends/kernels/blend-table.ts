import type { ResidentTable, ResidentTables, TableDefinition } from './shader.ts';

/**
 * What `blend` of one factor needs to be done in integers: 511 words, that of second - first at index second - first + 255.
 *
 * With P the rounded product, `blend` cuts the rounded sum first + P to an integer. The exact sum lies in [N - 1, N) with
 * N = first + floor(P) + 1, and integers this small are float32 numbers, so the rounded sum lies in [N - 1, N]: the result
 * is N - 1, or N where the sum is rounded up to it. Below an N in (2^k, 2^(k+1)] float32 numbers are 2^(k-23) apart, so it
 * is where floor(P) + 1 - P is at most half of that, 2^(k-24); a tie goes to N, whose last bit is 0. A larger N has a larger
 * k, hence for each P there is a least N that is rounded up to.
 *
 * Word: floor(P) + 512, clamped to 0..1023, beyond which all sums are clamped to 0..255 in the end | that N << 16.
 */
export function blendTable(factor: number): Uint32Array {
  const product = (difference: number) => Math.fround(Math.fround(factor) * difference);
  return Uint32Array.from({ length: 511 }, (_, i) => blendWord(product(i - 255)));
}

/** By the bits of the factor as a float32. */
export const blendTables: TableDefinition = {
  name: 'blend',
  make: (bits) => ({ words: blendTable(new Float32Array(Uint32Array.of(bits).buffer)[0] as number) }),
};

export function residentBlendTable(tables: ResidentTables, factor: number): ResidentTable {
  const [bits] = new Uint32Array(Float32Array.of(factor).buffer) as unknown as [number];
  return tables.get(blendTables, bits);
}

function blendWord(product: number): number {
  const floor = Math.max(0, Math.min(1023, Math.floor(product) + 512));
  return floor | (leastRoundedUp(product) << 16);
}

/** More than any sum. */
const NEVER = 0xffff;

/** The least N that is rounded up to. Sums below 0 or above 255 do not count, so k is -1..7; N = 1 is that of k = -1. */
function leastRoundedUp(product: number): number {
  const next = Math.floor(product) + 1;
  for (let k = -1; k <= 7; k++) {
    // float64 holds both sides exactly
    if (product >= next - 2 ** (k - 24)) return Math.floor(2 ** k) + 1;
  }
  return NEVER;
}
