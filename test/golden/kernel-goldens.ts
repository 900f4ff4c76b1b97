import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { RawImage, Size } from '../../src/core/image.ts';

/** One call of Pillow: the input, what was called with which parameters, and the pixels that came out. */
export interface Golden<Parameters> {
  readonly image: RawImage;
  readonly parameters: Parameters;
  /** Image and call, for messages. */
  readonly title: string;
  readonly expected: Uint8Array;
}

interface Entry extends Size {
  readonly name: string;
  readonly image: string;
  readonly call: string;
}

let images: Map<string, RawImage> | undefined;

/** The cases of test/golden/kernels/<family>, made by make_kernel_golden.py. */
export function readGoldens<Parameters>(family: string): Golden<Parameters>[] {
  images ??= readImages();
  const { entries, pixels } = read(family);
  let at = 0;
  return entries.map((entry) => {
    const image = images?.get(entry.image);
    if (!image) throw new Error(`${family}: no image named ${entry.image}`);
    const expected = pixels.subarray(at, at + image.data.length);
    at += expected.length;
    return { image, parameters: entry as Parameters, title: `${entry.image}: ${entry.call}`, expected };
  });
}

function readImages(): Map<string, RawImage> {
  const { entries, pixels } = read('images');
  let at = 0;
  return new Map(
    entries.map(({ name, width, height }) => {
      const data = pixels.subarray(at, at + width * height * 3);
      at += data.length;
      return [name, { width, height, data }];
    }),
  );
}

function read(name: string): { entries: Entry[]; pixels: Uint8Array } {
  const path = `test/golden/kernels/${name}`;
  const { entries, sha256 } = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
  const pixels = gunzipSync(readFileSync(`${path}.bin.gz`));
  if (createHash('sha256').update(pixels).digest('hex') !== sha256) throw new Error(`${path}: damaged`);
  return { entries, pixels };
}

/** What differs by more than `tolerance`, as one line; undefined where nothing does. */
export function firstDifference(
  actual: Uint8Array,
  { expected, image }: Golden<unknown>,
  tolerance = 0,
): string | undefined {
  const at = expected.findIndex((value, i) => !(Math.abs(value - (actual[i] as number)) <= tolerance));
  if (at < 0) return undefined;
  const pixel = Math.floor(at / 3);
  const where = `x ${pixel % image.width}, y ${Math.floor(pixel / image.width)}, channel ${at % 3}`;
  return `${where}: expected ${expected[at]}, got ${actual[at]}`;
}
