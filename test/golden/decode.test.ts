import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage, imageSize } from '../../backends/decode/decode.ts';
import type { Size } from '../../src/core/image.ts';

/** A file and what Pillow makes of it; see make_decode_golden.py. */
interface Golden extends Size {
  readonly name: string;
  readonly file: Buffer;
  readonly pixels: Buffer;
  readonly orientation: DecodeOptions['orientation'];
  readonly tolerance: number;
}

const goldens = readGoldens();

describe('decodeImage', () => {
  for (const golden of goldens) {
    it(`gives what Pillow gives: ${golden.name}`, async () => {
      const { pixels } = await decode(golden, 'accurate');
      expect(differences(pixels, golden.pixels).largest).toBeLessThanOrEqual(golden.tolerance);
    });
  }

  const jpegs = goldens.filter(({ name }) => name.startsWith('jpeg'));
  it('stays within 21 levels, 1.5 on average, of Pillow with the fast DCT', async () => {
    expect(jpegs).not.toEqual([]);
    for (const golden of jpegs) {
      const { largest, mean } = differences((await decode(golden, 'fast')).pixels, golden.pixels);
      expect(largest, golden.name).toBeLessThanOrEqual(21);
      expect(mean, golden.name).toBeLessThanOrEqual(1.5);
    }
  });

  it('decodes ordinary JPEGs before it returns', async () => {
    const isOrdinary = ({ name }: Golden) => !/CMYK|applied/.test(name);
    for (const golden of jpegs) {
      const result = decodeImage(golden.file, optionsOf(golden, 'fast'), (size) => bufferFor(size));
      const isDone = !(result instanceof Promise);
      expect(isDone, golden.name).toBe(isOrdinary(golden) || golden.name.includes('orientation 1'));
      await result;
    }
  });
});

describe('imageSize', () => {
  it('tells the size of the decoded image from the header', () => {
    const sizes = goldens.map((golden) => [golden.name, imageSize(golden.file, optionsOf(golden, 'fast'))]);
    expect(sizes).toEqual(goldens.map(({ name, width, height }) => [name, { width, height }]));
  });
});

async function decode(golden: Golden, dct: DecodeOptions['dct']): Promise<{ pixels: Buffer }> {
  let pixels: Buffer = Buffer.alloc(0);
  const size = await decodeImage(golden.file, optionsOf(golden, dct), (wanted) => {
    pixels = bufferFor(wanted);
    return pixels;
  });
  expect(size).toEqual({ width: golden.width, height: golden.height });
  return { pixels };
}

const optionsOf = ({ orientation }: Golden, dct: DecodeOptions['dct']): DecodeOptions => ({
  dct,
  orientation,
  maxPixels: 10_000,
});

const bufferFor = ({ width, height }: Size): Buffer => Buffer.alloc(width * height * 3);

function differences(actual: Buffer, expected: Buffer): { largest: number; mean: number } {
  expect(actual).toHaveLength(expected.length);
  const all = Array.from(actual, (value, i) => Math.abs(value - (expected[i] as number)));
  return { largest: Math.max(...all), mean: all.reduce((sum, value) => sum + value, 0) / all.length };
}

function readGoldens(): Golden[] {
  const { cases, sha256 } = JSON.parse(readFileSync('test/golden/decode.json', 'utf8'));
  const content = gunzipSync(readFileSync('test/golden/decode.bin.gz'));
  if (createHash('sha256').update(content).digest('hex') !== sha256)
    throw new Error('decode.bin.gz: damaged');
  let at = 0;
  const take = (bytes: number): Buffer => {
    at += bytes;
    return content.subarray(at - bytes, at);
  };
  return cases.map((entry: Size & { name: string; bytes: number; apply?: boolean; tolerance?: number }) => ({
    name: entry.name,
    width: entry.width,
    height: entry.height,
    file: take(entry.bytes),
    pixels: take(entry.width * entry.height * 3),
    orientation: entry.apply ? 'apply' : 'ignore',
    tolerance: entry.tolerance ?? 0,
  }));
}
