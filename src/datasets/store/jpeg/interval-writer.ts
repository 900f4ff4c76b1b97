import { marker } from '../../../../backends/decode/jpeg-segments.ts';
import type { HuffmanCode } from './huffman-code.ts';
import { Scratch } from './scratch.ts';
import { CODES, type Symbols } from './symbols.ts';

export interface WrittenIntervals {
  /** Intervals with their markers. Valid until the next call. */
  readonly bytes: Uint8Array;
  /** Where each ends, its marker included. */
  readonly intervalEnds: Uint32Array;
}

const scratch = new Scratch();

/** Codes the symbols: a restart marker after each interval, the end-of-image marker after the last. */
export function writeIntervals(stream: Symbols, codes: readonly HuffmanCode[]): WrittenIntervals {
  const packed = packCodes(codes);
  const output = new Output(mostBytes(stream, packed));
  const intervals = stream.intervalEnds.length;
  const intervalEnds = new Uint32Array(intervals);
  let from = 0;
  for (let i = 0; i < intervals; i++) {
    const to = stream.intervalEnds[i] as number;
    writeSymbols(output, stream.symbols, from, to, packed);
    from = to;
    intervalEnds[i] = output.endInterval(i + 1 < intervals ? marker.restart + (i & 7) : marker.endOfImage);
  }
  return { bytes: output.written, intervalEnds };
}

/** By code << 8 | symbol: (code word) << 5 | its length. */
function packCodes(codes: readonly HuffmanCode[]): Uint32Array {
  const packed = new Uint32Array(CODES * 256);
  for (const [index, { counts, symbols }] of codes.entries()) {
    let word = 0;
    let place = 0;
    counts.forEach((count, i) => {
      for (let n = 0; n < count; n++)
        packed[(index << 8) | (symbols[place++] as number)] = (word++ << 5) | (i + 1);
      word <<= 1;
    });
  }
  return packed;
}

/** Every byte could be one that is followed by a stuffed zero; an interval ends with up to 7 bits and a marker. */
function mostBytes({ frequencies, intervalEnds }: Symbols, packed: Uint32Array): number {
  const bits = frequencies.reduce((sum, n, i) => sum + n * (((packed[i] as number) & 31) + (i & 15)), 0);
  return Math.ceil(bits / 4) + intervalEnds.length * 4 + 8;
}

function writeSymbols(
  output: Output,
  symbols: Uint32Array,
  from: number,
  to: number,
  packed: Uint32Array,
): void {
  for (let i = from; i < to; i++) {
    const entry = symbols[i] as number;
    const code = packed[entry & 0x3ff] as number;
    const size = entry & 15;
    output.append(((code >>> 5) << size) | (entry >>> 10), (code & 31) + size);
  }
}

/** Bits to bytes, four at a time, with a zero after each byte of ones. */
class Output {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #length = 0;
  /** The bits not written yet are the lowest 32 - free of `pending`. */
  #pending = 0;
  #free = 32;

  constructor(mostBytes: number) {
    const memory = scratch.atLeast(mostBytes);
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
  }

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** `count` 0..31. */
  append(bits: number, count: number): void {
    this.#free -= count;
    if (this.#free >= 0) {
      this.#pending = (this.#pending << count) | bits;
      return;
    }
    // the bits that still fit, then the others, above which old ones are shifted out in time
    this.#writeWord((this.#pending << (count + this.#free)) | (bits >>> -this.#free));
    this.#free += 32;
    this.#pending = bits;
  }

  /** Fills the last byte with ones and writes the marker; returns the bytes written so far. */
  endInterval(code: number): number {
    const padding = this.#free & 7;
    this.append((1 << padding) - 1, padding);
    for (let left = 32 - this.#free; left > 0; left -= 8)
      this.#writeByte((this.#pending >>> (left - 8)) & 0xff);
    this.#pending = 0;
    this.#free = 32;
    this.#bytes[this.#length++] = 0xff;
    this.#bytes[this.#length++] = code;
    return this.#length;
  }

  #writeWord(word: number): void {
    // no byte of ones: adding one to each carries out of none whose highest bit is set
    if ((word & ~(word + 0x01010101) & 0x80808080) === 0) {
      this.#view.setInt32(this.#length, word);
      this.#length += 4;
      return;
    }
    for (let shift = 24; shift >= 0; shift -= 8) this.#writeByte((word >>> shift) & 0xff);
  }

  #writeByte(byte: number): void {
    this.#bytes[this.#length++] = byte;
    if (byte === 0xff) this.#bytes[this.#length++] = 0;
  }
}
