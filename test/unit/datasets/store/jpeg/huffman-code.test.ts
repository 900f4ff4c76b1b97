import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HuffmanCode, optimalCode } from '../../../../../src/datasets/store/jpeg/huffman-code.ts';
import {
  buildLookup,
  findLongCode,
  LOOKUP_BITS,
} from '../../../../../src/datasets/store/jpeg/huffman-lookup.ts';

const anyFrequencies = fc
  .array(fc.tuple(fc.nat(255), fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 1e6 }))), {
    minLength: 1,
    maxLength: 200,
  })
  .map((entries) => {
    const frequencies = new Uint32Array(256);
    for (const [symbol, count] of entries) frequencies[symbol] = count;
    return frequencies;
  });

/** Frequencies whose Huffman tree is one long branch: each is the sum of the two before. */
const fibonacci = (length: number): Uint32Array => {
  const frequencies = new Uint32Array(256).fill(1, 0, length);
  for (let i = 2; i < length; i++)
    frequencies[i] = (frequencies[i - 1] as number) + (frequencies[i - 2] as number);
  return frequencies;
};

/** Each symbol with its length, in the order of their codes. */
const entriesOf = ({ counts, symbols }: HuffmanCode) => {
  const lengths = [...counts].flatMap((count, i) => Array.from({ length: count }, () => i + 1));
  expect(lengths).toHaveLength(symbols.length);
  return lengths.map((length, i) => ({ length, symbol: symbols[i] as number }));
};

/** Bits of all symbols in an unlimited code: the sum of all weights that joining the two lightest gives. */
function leastBits(weights: readonly number[]): number {
  const left = [...weights].sort((a, b) => a - b);
  let bits = 0;
  while (left.length > 1) {
    const joined = (left.shift() as number) + (left.shift() as number);
    bits += joined;
    left.push(joined);
    left.sort((a, b) => a - b);
  }
  return bits;
}

describe('optimalCode', () => {
  it('has a code for each symbol that occurs and leaves the code of ones only free', () => {
    fc.assert(
      fc.property(fc.oneof(anyFrequencies, fc.integer({ min: 1, max: 46 }).map(fibonacci)), (frequencies) => {
        const entries = entriesOf(optimalCode(frequencies));
        const occurring = [...frequencies.keys()].filter((symbol) => frequencies[symbol] !== 0);
        expect(entries.map(({ symbol }) => symbol).sort((a, b) => a - b)).toEqual(occurring);
        const taken = entries.reduce((sum, { length }) => sum + 2 ** -length, 0);
        expect(taken).toBeLessThan(1);
      }),
    );
  });

  it('takes the fewest bits where no code has to be shortened', () => {
    fc.assert(
      fc.property(anyFrequencies, (frequencies) => {
        const entries = entriesOf(optimalCode(frequencies));
        const longest = Math.max(...entries.map(({ length }) => length));
        fc.pre(longest < 16);
        const bits = entries.reduce(
          (sum, { symbol, length }) => sum + length * (frequencies[symbol] as number),
          0,
        );
        // the reserved code, of the longest length, weighs 1
        const least = leastBits([1, ...frequencies.filter((count) => count > 0)]);
        expect(bits).toBeGreaterThanOrEqual(least - 16);
        expect(bits).toBeLessThan(least);
      }),
    );
  });

  it('shortens codes to 16 bits and still gives frequent symbols the shorter ones', () => {
    const entries = entriesOf(optimalCode(fibonacci(40)));
    expect(Math.max(...entries.map(({ length }) => length))).toBe(16);
    const bySymbol = entries.sort((a, b) => b.symbol - a.symbol).map(({ length }) => length);
    expect(bySymbol).toEqual([...bySymbol].sort((a, b) => a - b));
  });

  it('is decoded to its symbols, however long their codes', () => {
    const { counts, symbols } = optimalCode(fibonacci(40));
    const lookup = buildLookup(counts, symbols);
    let code = 0;
    let before = 0;
    for (const { length, symbol } of entriesOf({ counts, symbols })) {
      code <<= length - before;
      before = length;
      const bits = code << (16 - length);
      const entry = lookup.entries[bits >> (16 - LOOKUP_BITS)] || findLongCode(lookup, bits);
      expect(entry).toBe((length << 8) | symbol);
      code++;
    }
    expect(() => findLongCode(lookup, 0xffff)).toThrow('unknown Huffman code');
  });
});
