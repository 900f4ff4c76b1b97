import { describe, expect, it } from 'vitest';
import { float, integer, integers, join, message, text } from '../../../src/export/protobuf.ts';

const hex = (fields: readonly Uint8Array[]) => Buffer.from(join(fields)).toString('hex');

// examples of https://protobuf.dev/programming-guides/encoding/
describe("protobuf's wire format", () => {
  it('has integers in groups of seven bits', () => {
    expect(hex(integer(1, 0))).toBe('0800');
    expect(hex(integer(1, 150))).toBe('089601');
    expect(hex(integer(16, 2 ** 35))).toBe('8001808080808001');
  });

  it('has texts in UTF-8 after their length in bytes', () => {
    expect(hex(text(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(text(2, 'é'))).toBe('1202c3a9');
  });

  it('has messages within messages', () => {
    expect(hex(message(3, integer(1, 150)))).toBe('1a03089601');
    expect(hex(message(3))).toBe('1a00');
  });

  it('packs lists of integers', () => {
    expect(hex(integers(6, [3, 270, 86942]))).toBe('3206038e029ea705');
  });

  it('has floats little-endian', () => {
    expect(hex(float(2, -0.5))).toBe('15000000bf');
  });
});
