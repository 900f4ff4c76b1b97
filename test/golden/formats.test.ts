import { describe, expect, it } from 'vitest';
import { imageSize } from '../../backends/decode/decode.ts';
import { decodeGolden, levelDifferences, optionsOf, readDecodeGoldens } from '../support/decode-goldens.ts';

const goldens = readDecodeGoldens('formats');

describe('decodeImage', () => {
  for (const golden of goldens) {
    it(`gives what Pillow gives: ${golden.name}`, async () => {
      const { pixels } = await decodeGolden(golden, 'fast');
      expect(levelDifferences(pixels, golden.pixels).largest).toBeLessThanOrEqual(golden.tolerance);
    });
  }

  it('turns a TIFF as the file says and no further where turning is asked for', async () => {
    const turned = goldens.filter(({ name }) => /^tiff.*orientation [2-8]$/.test(name));
    expect(turned.length).toBeGreaterThan(20);
    for (const golden of turned) {
      const { pixels } = await decodeGolden({ ...golden, orientation: 'apply' }, 'fast');
      expect(pixels, golden.name).toEqual(golden.pixels);
    }
  });
});

describe('imageSize', () => {
  it('tells the size of the decoded image from the header', () => {
    const sizes = goldens.map((golden) => [golden.name, imageSize(golden.file, optionsOf(golden, 'fast'))]);
    expect(sizes).toEqual(goldens.map(({ name, width, height }) => [name, { width, height }]));
  });
});
