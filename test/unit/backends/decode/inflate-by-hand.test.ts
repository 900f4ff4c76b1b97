import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflate } from '../../../../backends/decode/zlib/inflate.ts';
import {
  DeflateBits,
  fixedDistances,
  fixedLiterals,
  type HuffmanCode,
  zlibStream,
} from '../../../support/deflate-bits.ts';
import { badStreams, goodStreams } from '../../../support/deflate-cases.ts';

const two = Buffer.from([7, 8]);
const storing = (content: Uint8Array, header?: number) =>
  zlibStream(new DeflateBits().stored(content, true).bytes(), content, header);
/** The least header from this one on that is divisible by 31. */
const divisible = (header: number): number => Math.ceil(header / 31) * 31;

describe('inflate of a stream made by hand', () => {
  it.each(Object.entries(goodStreams))('takes %s', (_, make) => {
    const [bits, content] = make();
    const stream = zlibStream(bits.bytes(), content);
    expect(inflateSync(stream).equals(content)).toBe(true);
    expect(inflate(stream, content.length)?.equals(content)).toBe(true);
  });

  for (const [reason, streams] of Object.entries(badStreams)) {
    it.each(Object.entries(streams))(`refuses %s, of which zlib says "${reason}"`, (_, make) => {
      const [bits, content] = make();
      const stream = zlibStream(bits.bytes(), content);
      expect(() => inflateSync(stream)).toThrow(reason);
      expect(inflate(stream, content.length)).toBeUndefined();
    });
  }

  it.each([
    ['of another method than deflate', 'unknown compression method', divisible(0x7700)],
    ['with a window of 2 ** 16 bytes', 'invalid window size', divisible(0x8800)],
    ['not divisible by 31', 'incorrect header check', 0x789d],
    ['that asks for a dictionary', 'Missing dictionary', divisible(0x7820)],
  ])('refuses a header %s, of which zlib says "%s"', (_, reason, header) => {
    expect(() => inflateSync(storing(two, header))).toThrow(reason);
    expect(inflate(storing(two, header), 2)).toBeUndefined();
  });

  it('takes and refuses headers divisible by 31 as zlib does', () => {
    const taken = (judge: (stream: Buffer) => boolean): number[] => {
      const headers = Array.from({ length: 0x10000 / 31 }, (_, i) => 31 * i);
      return headers.filter((header) => judge(storing(two, header)));
    };
    const byZlib = taken((stream) => {
      try {
        return inflateSync(stream).equals(two);
      } catch {
        return false;
      }
    });
    expect(byZlib.length).toBeGreaterThan(20);
    expect(taken((stream) => inflate(stream, 2) !== undefined)).toEqual(byZlib);
  });

  it('refuses a match from before the first byte, whatever byte may lie there in memory', () => {
    const bits = new DeflateBits().header(1);
    for (const code of [
      fixedLiterals[5],
      fixedLiterals[6],
      fixedLiterals[257],
      fixedDistances[2],
      fixedLiterals[256],
    ])
      bits.code(code as HuffmanCode);
    for (let byte = 0; byte < 256; byte++)
      expect(inflate(zlibStream(bits.bytes(), Buffer.from([5, 6, byte, 5, 6])), 5)).toBeUndefined();
  });

  it('ends where a stream is cut off among empty blocks, though more of them lie in memory', () => {
    const blocks = new DeflateBits();
    for (let i = 0; i < 400; i++) blocks.header(1, false).code(fixedLiterals[256] as HuffmanCode);
    const stream = zlibStream(blocks.stored(two, true).bytes(), two);
    expect(inflate(stream, 2)).toEqual(two);
    for (let bytes = 0; bytes < stream.length; bytes++)
      expect(inflate(stream.subarray(0, bytes), 2)).toBeUndefined();
  });

  it('refuses a checksum of which one bit is wrong', () => {
    for (let bit = 0; bit < 32; bit++) {
      const stream = storing(two);
      const at = stream.length - 1 - (bit >> 3);
      stream[at] = (stream[at] as number) ^ (1 << (bit & 7));
      expect(inflate(stream, 2)).toBeUndefined();
    }
  });

  it('checks the checksum of any length, of the largest bytes too', () => {
    const lengths = [...Array.from({ length: 70 }, (_, i) => i + 1), 5551, 5552, 5553, 11_105, 65_535];
    for (const length of lengths) {
      const content = Buffer.alloc(length, 255);
      expect(inflate(storing(content), length)?.equals(content)).toBe(true);
    }
  });
});
