import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage, imageSize } from '../../backends/decode/decode.ts';
import type { Size } from '../../src/core/image.ts';

/** A file and what Pillow makes of it, in base64; see make_avif_golden.py. */
interface Golden extends Size {
  readonly name: string;
  readonly file: string;
  readonly pixels: string;
  readonly tolerance: number;
}

const { cases } = JSON.parse(readFileSync('test/golden/avif.json', 'utf8')) as { cases: Golden[] };
const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');
const settings: readonly DecodeOptions[] = (['ignore', 'apply'] as const).map((orientation) => ({
  dct: 'fast',
  orientation,
  maxPixels: 10_000,
}));

describe('an AVIF file', () => {
  it.each(cases)('is decoded as by Pillow: $name', async ({ file, pixels, width, height, tolerance }) => {
    const bytes = bytesOf(file);
    const before = Buffer.from(bytes);
    const expected = bytesOf(pixels);
    for (const options of settings) {
      let actual = Buffer.alloc(0);
      const size = await decodeImage(bytes, options, (wanted) => {
        actual = Buffer.alloc(wanted.width * wanted.height * 3);
        return actual;
      });
      expect(size).toEqual({ width, height });
      expect(imageSize(bytes, options)).toEqual({ width, height });
      const differences = Array.from(actual, (value, i) => Math.abs(value - (expected[i] as number)));
      expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance);
    }
    expect(bytes.equals(before)).toBe(true);
  });
});
