import { codesOf, DeflateBits, fixedDistances, fixedLiterals, type HuffmanCode } from './deflate-bits.ts';

const END = 256;
const LENGTH_3 = 257;

/** Lengths of the codes of so many symbols: 0, no code, save for the given ones. */
const lengthsOf = (symbols: number, given: Readonly<Record<number, number>>): number[] =>
  Array.from({ length: symbols }, (_, symbol) => given[symbol] ?? 0);

const four = lengthsOf(258, { 0: 2, 1: 2, [END]: 2, [LENGTH_3]: 2 });
const zeroBit: HuffmanCode = { code: 0, bits: 1 };
const oneBit: HuffmanCode = { code: 1, bits: 1 };
/** Codes of 1 to 15 bits, the last two of 15. */
const skewedDistances = Array.from({ length: 30 }, (_, i) => Math.max(0, Math.min(i - 13, 15)));

const write = () => new DeflateBits();
const codesIn =
  (codes: readonly HuffmanCode[]) =>
  (bits: DeflateBits, ...symbols: number[]): DeflateBits => {
    for (const symbol of symbols) bits.code(codes[symbol] as HuffmanCode);
    return bits;
  };
const inFour = codesIn(codesOf(four));
const inFixed = codesIn(fixedLiterals);
const distance = (bits: DeflateBits, symbol: number) => bits.code(fixedDistances[symbol] as HuffmanCode);
/** Literals 0, 1, and then what a case is about. */
const afterTwo = (distances: readonly number[], bits = write(), isLast = true) =>
  inFour(bits.dynamic(four, distances, isLast), 0, 1);
const fixed = () => write().header(1);
const endOf = (bits: DeflateBits) => inFixed(bits, END);

const noise = Buffer.from(Array.from({ length: 32_768 }, (_, i) => (i * 40_503) >> 7));
const two = Buffer.from([7, 8]);

/** With all their extra bits set the length symbols from 272 on stand for these lengths. */
const longest = [34, 42, 50, 58, 66, 82, 98, 114, 130, 162, 194, 226, 258];

/** Runs of 0 to 13 literals of 10 bits, each before a match with codes of 4 to 15 bits and all extra bits set. */
function literalsAndMatches(): [DeflateBits, Uint8Array] {
  const symbols = Array.from({ length: 13 }, (_, i) => 272 + i);
  const longer = Object.fromEntries(symbols.map((symbol, i) => [symbol, Math.min(i + 4, 15)]));
  const ten = Object.fromEntries(Array.from({ length: 128 }, (_, i) => [i, 10]));
  const lengths = lengthsOf(286, { ...ten, [END]: 1, 271: 2, ...longer });
  const [codes, farthest] = [codesOf(lengths), codesOf(skewedDistances)[29] as HuffmanCode];
  const bits = write().stored(noise).dynamic(lengths, skewedDistances);
  const parts: Uint8Array[] = [noise];
  for (let i = 0, from = 0; i < 13 * 14; i++) {
    const literals = Array.from({ length: i % 14 }, (_, j) => (i * 29 + j * 11) & 127);
    const symbol = symbols[i % 13] as number;
    codesIn(codes)(bits, ...literals, symbol).number(31, ((symbol - 257) >> 2) - 1);
    bits.code(farthest).number(8191, 13);
    from += literals.length;
    const end = from + (longest[i % 13] as number);
    parts.push(Buffer.from(literals), noise.subarray(from, end));
    from = end;
  }
  return [codesIn(codes)(bits, END), Buffer.concat(parts)];
}

const zeroAndOne = Buffer.from([0, 1]);
const zeroAndOnes = Buffer.from([0, 1, 1, 1, 1]);
const onlyEnd = () =>
  write()
    .stored(two)
    .dynamic(lengthsOf(257, { [END]: 1 }), [0]);
const fixedMatch = (symbol: number) => endOf(distance(inFixed(fixed(), 5, LENGTH_3), symbol));
const matchOfOnes = (distances: readonly number[], code: HuffmanCode) =>
  inFour(inFour(afterTwo(distances), LENGTH_3).code(code), END);

/** A symbol of a code length, with its extra bits. */
type Coded = readonly [symbol: number, extra?: number, extraBits?: number];
const zeros138: Coded = [18, 127, 7];
const zeros118: Coded = [18, 107, 7];
const endOnly: readonly Coded[] = [zeros138, zeros118, [1], [0]];
const repeating = lengthsOf(19, { 0: 2, 1: 2, 16: 2, 18: 2 });

/** A block that ends at once, the lengths of whose 257 + 1 codes are written in codes of these lengths. */
function lengthsByCodes(codeLengths: readonly number[], lengths: readonly Coded[], end = zeroBit): Make {
  const codes = codesOf(codeLengths);
  const bits = write().stored(two).header(2).counts(257, 1, codeLengths);
  for (const [symbol, extra = 0, extraBits = 0] of lengths)
    bits.code(codes[symbol] as HuffmanCode).number(extra, extraBits);
  return () => [bits.code(end), two];
}

type Make = () => [deflated: DeflateBits, content: Uint8Array];

/** Deflate's part and what it gives. */
export const goodStreams: Record<string, Make> = {
  'stored blocks, also empty ones': () => [
    write().stored(two).stored(Buffer.alloc(0)).stored(two, true),
    Buffer.concat([two, two]),
  ],
  'dynamic codes': () => [
    inFour(inFour(afterTwo([1, 1]), LENGTH_3).code(oneBit), END),
    Buffer.from([0, 1, 0, 1, 0]),
  ],
  'a single distance code, of one bit': () => [matchOfOnes([1], zeroBit), zeroAndOnes],
  'no distance code where none is needed': () => [inFour(afterTwo([0]), END), zeroAndOne],
  'a block whose only code is its end, of one bit': () => [
    write()
      .stored(two)
      .dynamic(lengthsOf(257, { [END]: 1 }), [0])
      .code(zeroBit),
    two,
  ],
  'lengths of codes that are repeated': lengthsByCodes(repeating, endOnly),
  'the length 258 in both its forms': () => {
    const both = inFixed(distance(inFixed(fixed(), 9, 284).number(31, 5), 0), 285);
    return [endOf(distance(both, 0)), Buffer.alloc(517, 9)];
  },
  'a distance to the very first byte': () => [
    endOf(distance(inFixed(fixed(), 5, 6, LENGTH_3), 1)),
    Buffer.from([5, 6, 5, 6, 5]),
  ],
  'codes of all lengths after runs of literals': literalsAndMatches,
};

/** By what zlib says of them: deflate's part and what it would give if it were read on regardless. */
export const badStreams: Record<string, Record<string, Make>> = {
  'invalid block type': {
    'a block of type 3': () => [write().stored(two).header(3), two],
  },
  'invalid stored block lengths': {
    'a stored block whose length is contradicted': () => [write().stored(two, true, ~3), two],
  },
  'invalid distance too far back': {
    'a distance beyond the first byte': () => [
      endOf(distance(inFixed(fixed(), 5, 6, LENGTH_3), 2)),
      Buffer.from([5, 6, 0, 5, 6]),
    ],
    'a match before any byte': () => [endOf(distance(inFixed(fixed(), LENGTH_3), 0)), Buffer.alloc(3)],
  },
  'invalid literal/length code': {
    'the fixed code of symbol 286': () => [endOf(inFixed(fixed(), 5, 286)), Buffer.from([5])],
    'the fixed code of symbol 287': () => [endOf(inFixed(fixed(), 5, 287)), Buffer.from([5])],
    'the other bit where the end is the only code': () => [onlyEnd().code(oneBit), two],
  },
  'invalid distance code': {
    'the fixed code of distance symbol 30': () => [fixedMatch(30), Buffer.alloc(4, 5)],
    'the fixed code of distance symbol 31': () => [fixedMatch(31), Buffer.alloc(4, 5)],
    'a distance where there is no code': () => [matchOfOnes([0], zeroBit), zeroAndOnes],
    'the other bit where there is one distance code, though the block before had two': () => [
      inFour(
        inFour(afterTwo([1], inFour(afterTwo([1, 1], write(), false), END)), LENGTH_3).code(oneBit),
        END,
      ),
      Buffer.from([0, 1, 0, 1, 0, 1, 0]),
    ],
  },
  'invalid distances set': {
    'codes that leave bits without a meaning': () => [inFour(afterTwo([2, 2, 2]), END), zeroAndOne],
    'a single code of two bits': () => [inFour(afterTwo([2]), END), zeroAndOne],
    'codes that overlap': () => [inFour(afterTwo([1, 1, 1]), END), zeroAndOne],
  },
  'invalid literal/lengths set': {
    'codes that leave bits without a meaning': () => {
      const lengths = lengthsOf(257, { 0: 2, [END]: 1 });
      return [codesIn(codesOf(lengths))(write().dynamic(lengths, [0]), 0, END), Buffer.from([0])];
    },
    'codes that overlap': () => {
      const lengths = lengthsOf(257, { 0: 1, 1: 1, [END]: 15 });
      return [write().stored(two).dynamic(lengths, [0]).number(0, 15), two];
    },
  },
  'invalid code -- missing end-of-block': {
    'a block that has no code for its end': () => [
      write()
        .dynamic(lengthsOf(257, { 0: 1, 1: 1 }), [0])
        .code(zeroBit)
        .code(oneBit),
      zeroAndOne,
    ],
    'a block that has no code of code lengths': lengthsByCodes(
      lengthsOf(19, {}),
      new Array<Coded>(258).fill([0, 0, 1]),
    ),
  },
  'too many length or distance symbols': {
    '287 literals and lengths': () => [
      inFour(write().dynamic([...four, ...new Array(29).fill(0)], [1, 1]), 0, 1, END),
      zeroAndOne,
    ],
    '31 distances': () => [inFour(afterTwo(lengthsOf(31, { 0: 1, 1: 1 })), END), zeroAndOne],
  },
  'invalid bit length repeat': {
    'a repetition of nothing': lengthsByCodes(repeating, [[16, 0, 2], zeros138, [18, 104, 7], [1], [0]]),
    'a repetition one beyond the last code': lengthsByCodes(
      repeating,
      [zeros138, [18, 106, 7], [1], [16, 0, 2]],
      oneBit,
    ),
  },
  'invalid code lengths set': {
    'codes that leave bits without a meaning': lengthsByCodes(lengthsOf(19, { 0: 2, 1: 2, 18: 2 }), endOnly),
    'codes that overlap': lengthsByCodes(lengthsOf(19, { 0: 1, 1: 1, 18: 1 }), endOnly),
    'a single code': lengthsByCodes(lengthsOf(19, { 1: 1 }), new Array<Coded>(258).fill([1])),
  },
};
