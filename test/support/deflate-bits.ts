/** Writes deflate streams bit by bit (RFC 1951), right ones or not. */
export class DeflateBits {
  readonly #bits: number[] = [];

  /** A number, its lowest bit first. */
  number(value: number, bits: number): this {
    for (let i = 0; i < bits; i++) this.#bits.push((value >> i) & 1);
    return this;
  }

  /** A Huffman code, its highest bit first. */
  code({ code, bits }: HuffmanCode): this {
    for (let i = bits - 1; i >= 0; i--) this.#bits.push((code >> i) & 1);
    return this;
  }

  header(type: number, isLast = true): this {
    return this.number(isLast ? 1 : 0, 1).number(type, 2);
  }

  stored(bytes: Uint8Array, isLast = false, complement = ~bytes.length): this {
    this.header(0, isLast);
    while (this.#bits.length % 8 > 0) this.#bits.push(0);
    this.number(bytes.length, 16).number(complement, 16);
    for (const byte of bytes) this.number(byte, 8);
    return this;
  }

  /** Header and codes of a dynamic block; the lengths of its codes are written one by one, in 4 bits each. */
  dynamic(literals: readonly number[], distances: readonly number[], isLast = true): this {
    this.header(2, isLast).counts(literals.length, distances.length, flatCodeLengths);
    const codes = codesOf(flatCodeLengths);
    for (const length of [...literals, ...distances]) this.code(codes[length] as HuffmanCode);
    return this;
  }

  /** Of a dynamic block: the numbers of codes, and how long the codes of the lengths are, by symbol. */
  counts(literals: number, distances: number, codeLengths: readonly number[]): this {
    this.number(literals - 257, 5)
      .number(distances - 1, 5)
      .number(19 - 4, 4);
    for (const symbol of order) this.number(codeLengths[symbol] ?? 0, 3);
    return this;
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8));
    for (const [i, bit] of this.#bits.entries()) bytes[i >> 3] = (bytes[i >> 3] as number) | (bit << (i & 7));
    return bytes;
  }
}

export interface HuffmanCode {
  readonly code: number;
  readonly bits: number;
}

const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** 4 bits for each of the lengths 0..15, and none to repeat. */
const flatCodeLengths: readonly number[] = new Array(16).fill(4);

/** The codes that RFC 1951 gives to symbols by their lengths. */
export function codesOf(lengths: readonly number[]): HuffmanCode[] {
  let code = 0;
  const codes: HuffmanCode[] = lengths.map(() => ({ code: 0, bits: 0 }));
  for (let bits = 1; bits <= 15; bits++, code *= 2) {
    for (const [symbol, length] of lengths.entries())
      if (length === bits) codes[symbol] = { code: code++, bits };
  }
  return codes;
}

const nines = new Array(112).fill(9);
export const fixedLiterals = codesOf([
  ...new Array(144).fill(8),
  ...nines,
  ...new Array(24).fill(7),
  ...new Array(8).fill(8),
]);
export const fixedDistances = codesOf(new Array(32).fill(5));

/** A zlib stream around deflate's, with the checksum of `content`. */
export function zlibStream(deflated: Uint8Array, content: Uint8Array, header = 0x789c): Buffer {
  const ends = Buffer.alloc(6);
  ends.writeUInt16BE(header, 0);
  ends.writeUInt32BE(adler32(content), 2);
  return Buffer.concat([ends.subarray(0, 2), deflated, ends.subarray(2)]);
}

function adler32(bytes: Uint8Array): number {
  let [sum, sumOfSums] = [1, 0];
  for (const byte of bytes) {
    sum = (sum + byte) % 65521;
    sumOfSums = (sumOfSums + sum) % 65521;
  }
  return sumOfSums * 65536 + sum;
}
