import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DrawScope, philox4x32, randomFor } from '../../../src/core/random.ts';

const words = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16));
const anySeed = fc.oneof(fc.constantFrom(0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());

describe('philox4x32', () => {
  // Random123's file kat_vectors, lines "philox4x32 10": counter, key, expected (Salmon et al., SC 2011)
  it.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('gives the published answer for counter %s and key %s', (counter, key, expected) => {
    const [key0, key1] = words(key) as [number, number];
    const out = new Uint32Array(4);
    philox4x32(Uint32Array.from(words(counter)), key0, key1, out);
    expect([...out]).toEqual(words(expected));
  });

  it('multiplies as integers of any size do', () => {
    const reference = (counter: number[], key: [number, number]) => {
      let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
      let [k0, k1] = key.map(BigInt) as [bigint, bigint];
      const word = (x: bigint) => x & 0xffffffffn;
      for (let round = 0; round < 10; round++) {
        const [product0, product1] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
        [c0, c1, c2, c3] = [
          (product1 >> 32n) ^ c1 ^ k0,
          word(product1),
          (product0 >> 32n) ^ c3 ^ k1,
          word(product0),
        ];
        [k0, k1] = [word(k0 + 0x9e3779b9n), word(k1 + 0xbb67ae85n)];
      }
      return [c0, c1, c2, c3].map(Number);
    };
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        const out = new Uint32Array(4);
        philox4x32(Uint32Array.from(counter), ...key, out);
        expect([...out]).toEqual(reference(counter, key));
      }),
    );
  });
});

describe('randomFor', () => {
  it('gives every purpose, epoch, sample and position numbers of its own', () => {
    const scopes: DrawScope[] = ['sample', 'batch', 'shuffle', 'substitute', 'weights'];
    const indices = [0, 1, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 52];
    const seen = new Set<string>();
    let count = 0;
    for (const scope of scopes)
      for (const epoch of [0, 1, 2, 65_536, 2 ** 32 - 1])
        for (const index of indices)
          for (const position of [0, 1, 2, 255, 65_535]) {
            const rng = randomFor(7, epoch, index, position, scope);
            seen.add(Array.from({ length: 4 }, () => rng.uint32()).join());
            count++;
          }
    expect(seen.size).toBe(count);
  });

  it('gives each of a sample’s occurrences the published numbers of a counter of its own', () => {
    const numbers = (index: number, occurrence: number) => {
      const rng = randomFor(7, 3, index, 2, 'sample', occurrence);
      return Array.from({ length: 4 }, () => rng.uint32());
    };
    for (const occurrence of [0, 1, 255, 256, 65_535])
      for (const index of [5, 2 ** 32 + 5, 2 ** 40 - 1]) {
        const out = new Uint32Array(4);
        // word 3: from the top scope, occurrence, and 8 bits of the index
        const word3 = occurrence * 256 + Math.floor(index / 2 ** 32);
        philox4x32(Uint32Array.of(2 << 16, 3, index % 2 ** 32, word3), 7, 0, out);
        expect(numbers(index, occurrence)).toEqual([...out]);
      }
    expect(() => numbers(5, 0.5)).toThrow('got 0.5 of sample 5');
    for (const occurrence of [65_536, 2 ** 24 - 1, 2 ** 24, 2 ** 32 - 1])
      for (const index of [5, 2 ** 32 - 1]) {
        const out = new Uint32Array(4);
        // word 3: a scope with the highest bit, 24 bits of occurrence; the others at the top of the key
        const word3 = 2 ** 31 + (occurrence % 2 ** 24);
        const key1 = Math.floor(occurrence / 2 ** 24) * 2 ** 24;
        philox4x32(Uint32Array.of(2 << 16, 3, index, word3), 7, key1, out);
        expect(numbers(index, occurrence)).toEqual([...out]);
      }
    expect(() => numbers(5, 2 ** 32)).toThrow(
      '0..4294967295 of a sample below 2^32, got 4294967296 of sample 5',
    );
    expect(() => numbers(2 ** 40, 1)).toThrow('of a sample below 2^40, got 1 of sample 1099511627776');
    expect(() => numbers(2 ** 32, 65_536)).toThrow('of a sample below 2^32, got 65536 of sample 4294967296');
  });

  it('has no block of numbers in common between neighbouring positions, however many are drawn', () => {
    const blocks = (position: number) => {
      const rng = randomFor(1, 0, 0, position);
      return Array.from({ length: 1000 }, () =>
        [rng.uint32(), rng.uint32(), rng.uint32(), rng.uint32()].join(),
      );
    };
    expect(new Set([...blocks(0), ...blocks(1), ...blocks(2)]).size).toBe(3000);
  });

  it('uses all bits of the seed', () => {
    const seeds = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 52, Number.MAX_SAFE_INTEGER];
    expect(new Set(seeds.map((seed) => randomFor(seed, 0, 0, 0).uint32())).size).toBe(seeds.length);
  });

  it('draws uniform numbers from low up to, but without, high', () => {
    const range = fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(anySeed, fc.nat(), range, (seed, index, [low, width]) => {
        const value = randomFor(seed, 0, index, 0).uniform(low, low + width);
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThan(low + width);
      }),
    );
    const rng = randomFor(3, 0, 0, 0);
    const values = Array.from({ length: 40_000 }, () => rng.uniform());
    // standard deviations: 1 / sqrt(12 n) of the mean, sqrt(p (1 - p) n) of a tenth's count
    expect(Math.abs(values.reduce((sum, x) => sum + x, 0) / 40_000 - 0.5)).toBeLessThan(
      5 / Math.sqrt(12 * 40_000),
    );
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = values.filter((x) => Math.floor(x * 10) === tenth).length;
      expect(Math.abs(count - 4000)).toBeLessThan(5 * Math.sqrt(40_000 * 0.09));
    }
  });

  it('draws integers without bias, also for bounds that divide 2^32 badly', () => {
    const n = 30_000;
    for (const bound of [1, 2, 3, 7, 3 * 2 ** 30, 2 ** 32]) {
      const rng = randomFor(5, 0, bound % 1009, 0);
      const thirds = [0, 0, 0];
      const values = Array.from({ length: n }, () => rng.integer(bound));
      expect(values.every((value) => Number.isInteger(value) && value >= 0 && value < bound)).toBe(true);
      for (const value of values) {
        thirds[Math.floor((value / bound) * 3)] = (thirds[Math.floor((value / bound) * 3)] as number) + 1;
      }
      // with 3 * 2^30, taking the remainder alone would give the first third half of all numbers
      if (bound % 3 === 0)
        for (const count of thirds) expect(Math.abs(count - n / 3)).toBeLessThan(5 * Math.sqrt((n * 2) / 9));
    }
  });

  it.each([0, -1, 2.5, Number.NaN, 2 ** 32 + 1])(
    'refuses integer(%s) instead of trying for ever',
    (bound) => {
      expect(() => randomFor(0, 0, 0, 0).integer(bound)).toThrow('1..4294967296');
    },
  );

  it('draws normal numbers of mean 0 and variance 1', () => {
    const rng = randomFor(9, 0, 0, 0);
    const n = 20_000;
    const values = Array.from({ length: n }, () => rng.normal());
    const mean = values.reduce((sum, x) => sum + x, 0) / n;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });
});
