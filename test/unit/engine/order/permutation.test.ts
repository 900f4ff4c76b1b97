import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyedPermutation, permutedFrom } from '../../../../src/engine/order/permutation.ts';

const permuted = (length: number, seed: number, epoch: number, from = 0, count = length) => {
  const at = keyedPermutation(length, seed, epoch);
  return Array.from({ length: count }, (_, i) => at(from + i));
};

describe('keyedPermutation', () => {
  it('is a permutation for every length from 1 to 300', () => {
    for (let length = 1; length <= 300; length++) {
      const sorted = permuted(length, length * 7, length % 5).sort((a, b) => a - b);
      expect(sorted).toEqual(Array.from({ length }, (_, i) => i));
    }
  });

  it('is a permutation of 100,003', () => {
    const hit = new Uint8Array(100_003);
    for (const index of permuted(100_003, 3, 1)) hit[index] = 1;
    expect(hit.every((value) => value === 1)).toBe(true);
  });

  it('sends no two indices of a window to the same place, for lengths up to 2^52', () => {
    const length = fc.oneof(
      fc.integer({ min: 1_000_000, max: 2 ** 40 }),
      fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 50 + 1, 2 ** 52),
    );
    fc.assert(
      fc.property(
        length,
        fc.maxSafeNat(),
        fc.nat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, seed, epoch, where) => {
          const places = permuted(n, seed, epoch, Math.floor(where * (n - 500)), 500);
          expect(new Set(places).size).toBe(500);
          for (const place of places) expect(Number.isInteger(place) && place >= 0 && place < n).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is undone by its inverse, for lengths up to 2^52', () => {
    const length = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(2 ** 32 + 1, 2 ** 52));
    const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(length, fc.maxSafeNat(), fc.nat(), part, (n, seed, epoch, where) => {
        const index = Math.floor(where * n);
        const place = keyedPermutation(n, seed, epoch)(index);
        expect(permutedFrom(n, seed, epoch)(place)).toBe(index);
      }),
    );
  });

  it('puts every index first about equally often', () => {
    const [length, epochs] = [10, 4000];
    const counts = new Array<number>(length).fill(0);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const first = keyedPermutation(length, 1, epoch)(0);
      counts[first] = (counts[first] as number) + 1;
    }
    const expected = epochs / length;
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 9 degrees of freedom: 27.9 is exceeded once in a thousand seeds; this one is fixed
    expect(chiSquared).toBeLessThan(27.9);
  });

  it('puts every one of the 24 orders of four about equally often', () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 4800; epoch++) {
      const order = permuted(4, 2, epoch).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
    expect(counts.size).toBe(24);
    // 23 degrees of freedom, one in a thousand
    expect(chiSquared).toBeLessThan(49.7);
  });

  it('is another order for another seed or epoch, and the same for the same', () => {
    expect(permuted(50, 1, 0)).toEqual(permuted(50, 1, 0));
    const orders = [permuted(50, 1, 0), permuted(50, 1, 1), permuted(50, 2, 0), permuted(50, 1 + 2 ** 32, 0)];
    expect(new Set(orders.map(String)).size).toBe(4);
  });
});
