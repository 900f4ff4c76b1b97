import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage, imageSize } from '../../../../backends/decode/decode.ts';
import type { IntervalJpeg } from '../../../../backends/decode/interval-jpeg.ts';
import { decodeRegion, intervalImageSize } from '../../../../backends/decode/region.ts';
import { decodeScratchBytes } from '../../../../backends/decode/scratch.ts';
import { DataError } from '../../../../src/core/errors.ts';
import type { Box, Size } from '../../../../src/core/image.ts';
import { differences, noise } from '../../../support/images.ts';
import { anyJpeg, encodeJpeg, jpegWithFactors, rareFactors, transcoded } from '../../../support/jpegs.ts';

const options: DecodeOptions = { dct: 'fast', orientation: 'ignore', maxPixels: 1_000_000 };

interface Decoded extends Box {
  readonly pixels: Buffer;
}

async function decode(run: (allocate: (size: Size) => Buffer) => unknown): Promise<Decoded> {
  let pixels: Buffer = Buffer.alloc(0);
  const result = await run(({ width, height }) => {
    // what is not written shows
    pixels = Buffer.alloc(width * height * 3, 0x5a);
    return pixels;
  });
  return { left: 0, top: 0, ...(result as Size), pixels };
}

const decodeWhole = ({ bytes }: IntervalJpeg, more: Partial<DecodeOptions> = {}) =>
  decode((allocate) => decodeImage(bytes, { ...options, ...more }, allocate));

const decodePart = (jpeg: IntervalJpeg, box: Box, more: Partial<DecodeOptions> = {}) =>
  decode((allocate) => decodeRegion(jpeg, box, { ...options, ...more }, allocate));

function crop({ width: stride, pixels }: Decoded, { left, top, width, height }: Box): Buffer {
  const rows = Array.from({ length: height }, (_, y) => {
    const start = ((top + y) * stride + left) * 3;
    return pixels.subarray(start, start + width * 3);
  });
  return Buffer.concat(rows);
}

/** Fractions of what is left and what fits; the ends are drawn often. */
const anyFractions = fc.tuple(...Array.from({ length: 4 }, () => fc.double({ min: 0, max: 1, noNaN: true })));

function boxIn({ width, height }: Size, [x, y, w, h]: readonly number[]): Box {
  const left = Math.min(width - 1, Math.floor((x as number) * width));
  const top = Math.min(height - 1, Math.floor((y as number) * height));
  const shown = (fraction: number | undefined, most: number) =>
    Math.max(1, Math.round((fraction ?? 1) * most));
  return { left, top, width: shown(w, width - left), height: shown(h, height - top) };
}

async function expectSamePixels(
  jpeg: IntervalJpeg,
  box: Box,
  whole: Decoded,
  more: Partial<DecodeOptions> = {},
): Promise<void> {
  const { pixels, ...region } = await decodePart(jpeg, box, more);
  expect(region.left).toBeLessThanOrEqual(box.left);
  expect(region.top).toBeLessThanOrEqual(box.top);
  expect(region.left + region.width).toBeGreaterThanOrEqual(box.left + box.width);
  expect(region.top + region.height).toBeGreaterThanOrEqual(box.top + box.height);
  // all that was decoded inside the box, which is what is promised
  const inside = { ...box, left: box.left - region.left, top: box.top - region.top };
  expect(differences(crop({ ...region, pixels }, inside), crop(whole, box)), JSON.stringify(box)).toEqual([]);
}

describe('decodeRegion', () => {
  it('gives the pixels of a full decode, for any file and box', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyJpeg,
        fc.integer({ min: 1, max: 8 }),
        fc.array(anyFractions, { minLength: 4, maxLength: 4 }),
        async (recipe, mcusPerInterval, fractions) => {
          const jpeg = transcoded(await encodeJpeg(recipe), { mcusPerInterval });
          const whole = await decodeWhole(jpeg);
          for (const numbers of fractions) await expectSamePixels(jpeg, boxIn(jpeg, numbers), whole);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('gives the pixels of a full decode with the accurate DCT too', async () => {
    const accurate = { dct: 'accurate' } as const;
    await fc.assert(
      fc.asyncProperty(anyJpeg, anyFractions, async (recipe, fractions) => {
        const jpeg = transcoded(await encodeJpeg(recipe), { mcusPerInterval: 1 });
        const whole = await decodeWhole(jpeg, accurate);
        await expectSamePixels(jpeg, boxIn(jpeg, fractions), whole, accurate);
      }),
      { numRuns: 100 },
    );
  });

  it('gives the pixels of a full decode with rare sampling factors', async () => {
    const side = fc.integer({ min: 1, max: 100 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ width: side, height: side }),
        fc.constantFrom(...rareFactors),
        fc.nat(),
        anyFractions,
        async (size, factors, seed, fractions) => {
          const jpeg = transcoded(jpegWithFactors(size, factors, seed), { mcusPerInterval: 1 });
          await expectSamePixels(jpeg, boxIn(jpeg, fractions), await decodeWhole(jpeg));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes one interval more where the last column of intervals is too narrow for interpolated chroma', async () => {
    const turbo = { turbo: '4:2:0' } as const;
    for (const width of [33, 34, 35, 36, 37]) {
      const image = noise({ width, height: 20 }, 3);
      const jpeg = transcoded(await encodeJpeg({ image, quality: 90, coding: turbo }), {
        mcusPerInterval: 1,
      });
      const box = { left: width - 1, top: 0, width: 1, height: 20 };
      await expectSamePixels(jpeg, box, await decodeWhole(jpeg));
    }
  });

  describe('of 96 x 64 pixels, 4:2:0, in intervals of 2 MCUs', () => {
    let jpeg: IntervalJpeg;
    beforeAll(async () => {
      const image = noise({ width: 96, height: 64 }, 1);
      const file = await encodeJpeg({ image, quality: 90, coding: { turbo: '4:2:0' } });
      jpeg = transcoded(file, { mcusPerInterval: 2 });
    });

    const regionOf = async (box: Box) => {
      const { pixels: _, ...region } = await decodePart(jpeg, box);
      return region;
    };

    it('decodes only the intervals that the box and its neighbours lie in', async () => {
      expect(await regionOf({ left: 40, top: 20, width: 10, height: 10 })).toEqual({
        left: 32,
        top: 16,
        width: 32,
        height: 16,
      });
      expect(await regionOf({ left: 32, top: 16, width: 32, height: 16 })).toEqual({
        left: 0,
        top: 0,
        width: 96,
        height: 48,
      });
    });

    it('decodes a whole image from the file itself, without memory of its own', async () => {
      const before = decodeScratchBytes();
      const large = { ...jpeg, bytes: Buffer.concat([jpeg.bytes, Buffer.alloc(before)]) };
      await decodePart(large, { left: 0, top: 0, width: 96, height: 64 });
      expect(decodeScratchBytes()).toBe(before);
      await decodePart(large, { left: 0, top: 0, width: 1, height: 1 });
      expect(decodeScratchBytes()).toBeGreaterThan(before);
    });

    it('keeps accurate decodes apart that run at the same time', async () => {
      const whole = await decodeWhole(jpeg, { dct: 'accurate' });
      const boxes = [0, 33, 65].map((left) => ({ left, top: 0, width: 20, height: 10 }));
      await Promise.all(boxes.map((box) => expectSamePixels(jpeg, box, whole, { dct: 'accurate' })));
    });

    it('checks maxPixels against the whole image, before memory is taken', () => {
      const refuse = () => {
        throw new Error('memory was asked for');
      };
      const limited = { ...options, maxPixels: 96 * 64 - 1 };
      expect(() => decodeRegion(jpeg, { left: 0, top: 0, width: 1, height: 1 }, limited, refuse)).toThrow(
        expect.objectContaining({ code: 'TOO_MANY_PIXELS' }),
      );
    });

    const failureOf = async (damage: Partial<IntervalJpeg>, dct: DecodeOptions['dct']) => {
      const box = { left: 40, top: 18, width: 8, height: 40 };
      const error = await decodePart({ ...jpeg, ...damage }, box, { dct }).catch((reason) => reason);
      expect(error, `${Object.keys(damage)}, ${dct}`).toBeInstanceOf(DataError);
      return error;
    };

    it('says that a record is damaged where it ends early or its index leads astray', async () => {
      const damages: Partial<IntervalJpeg>[] = [
        { bytes: jpeg.bytes.subarray(0, jpeg.headerBytes + 50) },
        { intervalEnds: jpeg.intervalEnds.map((end) => end + jpeg.bytes.length) },
        { intervalEnds: new Uint32Array(2) },
        { frameSizeOffset: 1e6 },
      ];
      for (const damage of damages) {
        for (const dct of ['fast', 'accurate'] as const) {
          expect(await failureOf(damage, dct)).toMatchObject({
            code: 'DAMAGED_RECORD',
            message: expect.stringContaining('96 x 64'),
          });
        }
      }
    });

    it('says that a record is damaged where its intervals are', async () => {
      const bytes = Buffer.from(jpeg.bytes);
      const start = jpeg.headerBytes + (jpeg.intervalEnds[3] as number);
      bytes.set(noise({ width: 64, height: 1 }, 2).data, start);
      expect(await failureOf({ bytes }, 'fast')).toMatchObject({ code: 'DAMAGED_RECORD' });
    });
  });

  it('decodes an image that is to be turned whole', async () => {
    const { data, ...size } = noise({ width: 60, height: 40 }, 1);
    const source = sharp(data, { raw: { ...size, channels: 3 } }).withMetadata({ orientation: 6 });
    const jpeg = transcoded(await source.jpeg().toBuffer());
    const box = { left: 5, top: 50, width: 3, height: 3 };
    const { pixels, ...region } = await decodePart(jpeg, box, { orientation: 'apply' });
    expect(region).toEqual({ left: 0, top: 0, width: 40, height: 60 });
    const whole = await decodeWhole(jpeg, { orientation: 'apply' });
    expect(differences(pixels, whole.pixels)).toEqual([]);
    await expectSamePixels(jpeg, { ...box, top: 5 }, await decodeWhole(jpeg));
  });
});

describe('intervalImageSize', () => {
  it('says of a record what the header of its file says', async () => {
    const { data, ...size } = noise({ width: 60, height: 40 }, 1);
    for (const orientation of [1, 3, 6]) {
      const source = sharp(data, { raw: { ...size, channels: 3 } }).withMetadata({ orientation });
      const jpeg = transcoded(await source.jpeg().toBuffer());
      for (const mode of ['ignore', 'apply'] as const) {
        const turning = { ...options, orientation: mode };
        expect(intervalImageSize(jpeg, turning)).toEqual(imageSize(jpeg.bytes, turning));
        const limited = { ...turning, maxPixels: 60 * 40 - 1 };
        expect(() => intervalImageSize(jpeg, limited)).toThrow(
          expect.objectContaining({ code: 'TOO_MANY_PIXELS' }),
        );
      }
    }
  });
});
