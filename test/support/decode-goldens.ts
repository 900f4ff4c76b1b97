import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type DecodeOptions, decodeImage } from '../../backends/decode/decode.ts';
import type { Size } from '../../src/core/image.ts';

/** A file and what Pillow makes of it; see make_decode_golden.py. */
export interface DecodeGolden extends Size {
  readonly name: string;
  readonly file: Buffer;
  readonly pixels: Buffer;
  readonly orientation: DecodeOptions['orientation'];
  readonly tolerance: number;
}

/** The cases of test/golden/NAME.json. */
export function readDecodeGoldens(name: string): DecodeGolden[] {
  const { cases, sha256 } = JSON.parse(readFileSync(`test/golden/${name}.json`, 'utf8'));
  const content = gunzipSync(readFileSync(`test/golden/${name}.bin.gz`));
  if (createHash('sha256').update(content).digest('hex') !== sha256)
    throw new Error(`${name}.bin.gz: damaged`);
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

export async function decodeGolden(
  golden: DecodeGolden,
  dct: DecodeOptions['dct'],
): Promise<{ pixels: Buffer }> {
  let pixels: Buffer = Buffer.alloc(0);
  const size = await decodeImage(golden.file, optionsOf(golden, dct), (wanted) => {
    pixels = Buffer.alloc(wanted.width * wanted.height * 3);
    return pixels;
  });
  expect(size).toEqual({ width: golden.width, height: golden.height });
  return { pixels };
}

export const optionsOf = ({ orientation }: DecodeGolden, dct: DecodeOptions['dct']): DecodeOptions => ({
  dct,
  orientation,
  maxPixels: 10_000,
});

export function levelDifferences(actual: Buffer, expected: Buffer): { largest: number; mean: number } {
  expect(actual).toHaveLength(expected.length);
  const all = Array.from(actual, (value, i) => Math.abs(value - (expected[i] as number)));
  return { largest: Math.max(...all), mean: all.reduce((sum, value) => sum + value, 0) / all.length };
}
