import type { TableDefinition } from '../shader.ts';
import { stretched } from './statistics-lut.ts';

/**
 * Where autoContrast's float64 differs from integers: a word for each pair of levels, at index low * 256 + high.
 *
 * Exactly, v becomes (v - low) * 255 / (high - low), rounded down. Where this is no whole number, float64 gives the same: a
 * whole one is at least 1 / 255 away. Where it is, float64 can end up just below, hence one level lower. It is whole at
 * v = low + j * (high - low) / g with g = gcd(255, high - low), where it is j * 255 / g, for j in 1..g.
 *
 * Word: bit j is set where j's level is one lower | 255 / g << 24; 0 where no level is. Only g of 1, 3, 5, 15 and 17 have any
 * (a test compares all levels of all pairs).
 */
export function autoContrastExceptions(): Uint32Array {
  const words = new Uint32Array(256 * 256);
  for (let high = 1; high < 256; high++) {
    for (let low = 0; low < high; low++) words[low * 256 + high] = exceptionsOf(low, high);
  }
  return words;
}

export const exceptionsTable: TableDefinition = {
  name: 'autoContrast exceptions',
  make: () => ({ words: autoContrastExceptions() }),
};

function exceptionsOf(low: number, high: number): number {
  const divisor = greatestCommonDivisor(255, high - low);
  let bits = 0;
  for (let j = 1; j <= divisor; j++) {
    const v = low + (j * (high - low)) / divisor;
    if (stretched(v, low, high) < (j * 255) / divisor) bits |= 1 << j;
  }
  return bits === 0 ? 0 : bits | ((255 / divisor) << 24);
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
