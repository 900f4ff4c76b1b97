import { describe, expect, it } from 'vitest';
import { decodeImage, imageSize } from '../../backends/decode/decode.ts';
import type { Size } from '../../src/core/image.ts';
import {
  type DecodeGolden,
  decodeGolden,
  levelDifferences,
  optionsOf,
  readDecodeGoldens,
} from '../support/decode-goldens.ts';

const goldens = readDecodeGoldens('decode');

describe('decodeImage', () => {
  for (const golden of goldens) {
    it(`gives what Pillow gives: ${golden.name}`, async () => {
      const { pixels } = await decodeGolden(golden, 'accurate');
      expect(levelDifferences(pixels, golden.pixels).largest).toBeLessThanOrEqual(golden.tolerance);
    });
  }

  const jpegs = goldens.filter(({ name }) => name.startsWith('jpeg'));
  it('stays within 21 levels, 1.5 on average, of Pillow with the fast DCT', async () => {
    expect(jpegs).not.toEqual([]);
    for (const golden of jpegs) {
      const { largest, mean } = levelDifferences((await decodeGolden(golden, 'fast')).pixels, golden.pixels);
      expect(largest, golden.name).toBeLessThanOrEqual(21);
      expect(mean, golden.name).toBeLessThanOrEqual(1.5);
    }
  });

  it('decodes ordinary JPEGs before it returns', async () => {
    const isOrdinary = ({ name }: DecodeGolden) => !/CMYK|applied/.test(name);
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

const bufferFor = ({ width, height }: Size): Buffer => Buffer.alloc(width * height * 3);
