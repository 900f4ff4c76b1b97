import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marker } from '../../../../backends/decode/jpeg-segments.ts';
import { decodeTop, hasTop } from '../../../../backends/decode/jpeg-top.ts';
import type { Size } from '../../../../src/core/image.ts';
import { anyImage } from '../../../support/arbitrary.ts';
import { noise } from '../../../support/images.ts';
import { findSegment, pillowFile, turboPixels } from '../../../support/jpeg-files.ts';
import { encodeJpeg, jpegWithFactors, rareFactors, transcoded } from '../../../support/jpegs.ts';

type Chroma = '4:2:0' | '4:4:4';

const encode = (size: Size, turbo: Chroma | '4:2:2' | '4:4:0' | 'gray') =>
  encodeJpeg({ image: noise(size, 1), quality: 90, coding: { turbo } });

/** The part and its pixels; what is not written shows. */
function decode(file: Buffer, size: Size, bottom: number) {
  let pixels = Buffer.alloc(0);
  const part = decodeTop(file, size, bottom, ({ width, height }) => {
    pixels = Buffer.alloc(width * height * 3, 0x5a);
    return pixels;
  });
  return { part, pixels };
}

describe('decodeTop', () => {
  it.each<Chroma>(['4:2:0', '4:4:4'])(
    'gives the rows of the whole image, down to any, of %s',
    async (turbo) => {
      const coding = fc.oneof(
        fc.constant({ turbo }),
        fc.constant({ sharp: { chromaSubsampling: turbo, optimiseCoding: true } }),
      );
      const recipe = fc.record({ image: anyImage(90), quality: fc.integer({ min: 10, max: 100 }), coding });
      const property = fc.asyncProperty(recipe, async (drawn) => {
        const { width, height } = drawn.image;
        const file = await encodeJpeg(drawn);
        const whole = turboPixels(file);
        const mcuHeight = turbo === '4:2:0' ? 16 : 8;
        for (let bottom = 1; bottom <= height; bottom++) {
          const { part, pixels } = decode(file, { width, height }, bottom);
          const needed = Math.ceil((bottom + (turbo === '4:2:0' ? 1 : 0)) / mcuHeight) * mcuHeight;
          expect(part).toEqual(needed < height ? { width, height: needed } : undefined);
          const bytes = bottom * width * 3;
          if (part !== undefined) expect(pixels.compare(whole, 0, bytes, 0, bytes)).toBe(0);
        }
      });
      await fc.assert(property, { numRuns: 40 });
    },
  );

  it('leaves the file as it is', async () => {
    const file = await encode({ width: 40, height: 40 }, '4:2:0');
    const before = Buffer.from(file);
    decode(file, { width: 40, height: 40 }, 5);
    expect(file.equals(before)).toBe(true);
  });

  it('gives nothing where libjpeg-turbo does not come to the last row', async () => {
    const size = { width: 40, height: 40 };
    const file = await encode(size, '4:2:0');
    const { start, end } = findSegment(file, marker.huffmanTables);
    file.fill(0xff, start, end);
    expect(hasTop(file)).toBe(true);
    expect(decode(file, size, 5).part).toBeUndefined();
  });

  it('takes no other subsampling, no gray, no restarts and no second scan', async () => {
    const size = { width: 40, height: 40 };
    for (const chroma of ['4:2:2', '4:4:0', 'gray'] as const)
      expect(hasTop(await encode(size, chroma))).toBe(false);
    for (const factors of rareFactors) expect(hasTop(jpegWithFactors(size, factors, 1))).toBe(false);
    const baseline = await encode(size, '4:2:0');
    expect(hasTop(baseline)).toBe(true);
    expect(hasTop(transcoded(baseline).bytes)).toBe(false);
    expect(hasTop(pillowFile('restart marker every row, 4:4:4'))).toBe(false);
    baseline[findSegment(baseline, marker.startOfScan).start] = 1;
    expect(hasTop(baseline)).toBe(false);
    const progressive = { coding: { sharp: { progressive: true } }, quality: 90, image: noise(size, 1) };
    expect(hasTop(await encodeJpeg(progressive))).toBe(false);
  });

  it('takes no file that is no JPEG', () => {
    expect(hasTop(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))).toBe(false);
  });
});
