import { constants, deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inflate, inflateScratchBytes } from '../../../../backends/decode/zlib/inflate.ts';
import { zlibStream } from '../../../support/deflate-bits.ts';

const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants;

/** Content of the kinds that deflate treats differently: noise, few values, values nearby, repetitions. */
const content: fc.Arbitrary<Buffer> = fc
  .record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 700, size: 'max' }),
    mask: fc.constantFrom(0xff, 0x0f, 0x41),
    times: fc.constantFrom(1, 1, 1, 2, 60),
    period: fc.integer({ min: 1, max: 20 }),
    repeated: fc.constantFrom(0, 0, 300, 40_000),
  })
  .map(({ bytes, mask, times, period, repeated }) => {
    const masked = Buffer.from(bytes.map((byte) => byte & mask));
    const tail = Buffer.alloc(repeated, masked.subarray(0, period));
    return Buffer.concat([...new Array<Buffer>(times).fill(masked), tail, masked.subarray(0, 3)]);
  });

const settings = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED),
  windowBits: fc.integer({ min: 9, max: 15 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
});

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Bits to turn over, most of them near the beginning, where the codes are. */
const flips = fc.array(fc.tuple(fc.constantFrom(60, Number.POSITIVE_INFINITY), place, fc.nat(7)), {
  minLength: 1,
  maxLength: 3,
});

describe('inflate', () => {
  it('gives what was deflated, whatever the level, the strategy and the window', () => {
    fc.assert(
      fc.property(content, settings, (bytes, options) => {
        expect(equals(inflate(deflateSync(bytes, options), bytes.length), bytes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes no more of a stream than its own bytes, and no fewer', () => {
    fc.assert(
      fc.property(content, settings, place, fc.uint8Array({ maxLength: 40 }), (bytes, options, end, rest) => {
        const stream = deflateSync(bytes, options);
        expectAsZlib(stream.subarray(0, stream.length * end), bytes.length);
        expect(inflate(stream.subarray(0, -1), bytes.length)).toBeUndefined();
        expect(equals(inflate(Buffer.concat([stream, rest]), bytes.length), bytes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses what is longer or shorter than expected', () => {
    fc.assert(
      fc.property(content, settings, fc.integer({ min: 1, max: 300 }), (bytes, options, difference) => {
        const stream = deflateSync(bytes, options);
        expect(inflate(stream, bytes.length + difference)).toBeUndefined();
        expect(inflate(stream, Math.max(0, bytes.length - difference))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('ends as with zlib where bits are turned over', () => {
    fc.assert(
      fc.property(content, settings, flips, (bytes, options, list) => {
        expectAsZlib(flipped(deflateSync(bytes, options), list), bytes.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('gives what zlib gives where bits are turned over and the checksum is right', () => {
    let accepted = 0;
    fc.assert(
      fc.property(content, settings, flips, (bytes, options, list) => {
        const deflated = flipped(deflateSync(bytes, options).subarray(2, -4), list);
        const raw = inflatedRaw(deflated);
        if (raw === undefined || deflated.length > 2 * raw.content.length) return;
        const stream = zlibStream(deflated.subarray(0, raw.bytesRead), raw.content);
        expect(equals(inflate(stream, raw.content.length), raw.content)).toBe(true);
        if (!raw.content.equals(bytes)) accepted++;
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('holds memory for the largest stream and its content, and none for what follows the stream', () => {
    const stream = deflateSync(Buffer.alloc(100_000, 7));
    expect(inflate(Buffer.concat([stream, Buffer.alloc(10_000_000)]), 100_000)).toEqual(
      Buffer.alloc(100_000, 7),
    );
    const held = inflateScratchBytes();
    expect(held).toBeGreaterThan(100_000);
    expect(held).toBeLessThan(1_000_000);
    expect(inflate(stream, 100_000)).toHaveLength(100_000);
    expect(inflateScratchBytes()).toBe(held);
  });
});

/** Large buffers are compared so much faster than by `toEqual`. */
const equals = (actual: Buffer | undefined, expected: Buffer): boolean => actual?.equals(expected) ?? false;

function expectAsZlib(stream: Buffer, length: number): void {
  const expected = inflatedByZlib(stream, length);
  const actual = inflate(stream, length);
  if (expected === undefined) expect(actual).toBeUndefined();
  else expect(equals(actual, expected)).toBe(true);
}

function inflatedByZlib(stream: Buffer, length: number): Buffer | undefined {
  try {
    const bytes = inflateSync(stream, { maxOutputLength: length });
    return bytes.length === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** What deflate's part of a stream gives without a checksum, and how long it is. */
function inflatedRaw(deflated: Buffer): { content: Buffer; bytesRead: number } | undefined {
  try {
    const { buffer, engine } = inflateRawSync(deflated, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { content: buffer, bytesRead: engine.bytesWritten };
  } catch {
    return undefined;
  }
}

function flipped(bytes: Buffer, list: readonly (readonly [range: number, place: number, bit: number])[]) {
  const copy = Buffer.from(bytes);
  for (const [range, at, bit] of list) {
    const index = Math.floor(at * Math.min(range, copy.length));
    copy[index] = (copy[index] as number) ^ (1 << bit);
  }
  return copy;
}
