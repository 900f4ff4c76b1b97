import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage } from '../../../../backends/decode/decode.ts';
import { DataError } from '../../../../src/core/errors.ts';
import { noise } from '../../../support/images.ts';
import { transcoded } from '../../../support/jpegs.ts';

const settings = (['fast', 'accurate'] as const).flatMap((dct) =>
  (['ignore', 'apply'] as const).map((orientation) => ({ dct, orientation, maxPixels: 1_000_000 })),
);

const size = { width: 61, height: 43 };
const picture = () =>
  sharp(noise(size, 5).data, { raw: { ...size, channels: 3 } }).withMetadata({ orientation: 6 });

/** Files of one scan, in which each row has its place. */
let oneScan: Record<string, Buffer>;
let progressive: Buffer;
beforeAll(async () => {
  const jpeg = (chromaSubsampling: string) => picture().jpeg({ quality: 90, chromaSubsampling }).toBuffer();
  oneScan = {
    'halved chroma': await jpeg('4:2:0'),
    'whole chroma': await jpeg('4:4:4'),
    gray: await picture().toColourspace('b-w').jpeg().toBuffer(),
    inks: await picture().toColourspace('cmyk').jpeg().toBuffer(),
    'restart markers': transcoded(await jpeg('4:2:0')).bytes,
  };
  progressive = await picture().jpeg({ progressive: true }).toBuffer();
});

/** Pixels and size, or the code of the DataError that decoding ends in. */
async function decode(file: Buffer, options: DecodeOptions) {
  let pixels = Buffer.alloc(0);
  try {
    const result = await decodeImage(file, options, ({ width, height }) => {
      pixels = Buffer.alloc(width * height * 3);
      return pixels;
    });
    return { ...result, pixels };
  } catch (error) {
    if (error instanceof DataError) return error.code;
    throw error;
  }
}

const withoutEnd = (file: Buffer): Buffer => file.subarray(0, -2);
const followedBy = (file: Buffer, ...more: Buffer[]): Buffer => Buffer.concat([file, ...more]);

/** What has been seen in the place of the end marker. */
const tails = (): Record<string, Buffer> => ({
  nothing: Buffer.alloc(0),
  'half a marker': Buffer.from([0xff]),
  'a zero': Buffer.alloc(1),
  '4096 zeros': Buffer.alloc(4096),
  ones: Buffer.alloc(20, 0xff),
  text: Buffer.from('<html>502 Bad Gateway</html>'),
  'another JPEG': oneScan['whole chroma'] as Buffer,
});

describe('a JPEG whose scan is complete', () => {
  it('decodes as with its end marker, whatever is in the place of that', async () => {
    for (const [kind, whole] of Object.entries(oneScan)) {
      for (const options of settings) {
        const expected = await decode(whole, options);
        expect(expected).toHaveProperty('pixels');
        for (const [tail, bytes] of Object.entries(tails())) {
          const file = followedBy(withoutEnd(whole), bytes);
          expect(await decode(file, options), `${kind}, ${tail}, ${options.dct}`).toEqual(expected);
        }
      }
    }
  });

  it('decodes though a gap is filled with zeros that say something, as in Pillow', async () => {
    const whole = oneScan['whole chroma'] as Buffer;
    const file = followedBy(whole.subarray(0, -200), Buffer.alloc(100_000));
    for (const options of settings) expect(await decode(file, options)).toHaveProperty('pixels');
  });

  it('ends at its end marker, whatever follows', async () => {
    for (const whole of [...Object.values(oneScan), progressive]) {
      const file = followedBy(whole, progressive, Buffer.alloc(100));
      for (const options of settings)
        expect(await decode(file, options)).toEqual(await decode(whole, options));
    }
  });
});

describe('a JPEG without its last rows', () => {
  it('is truncated, wherever it is cut and whatever follows', async () => {
    for (const [kind, whole] of Object.entries(oneScan)) {
      for (const bytes of [3, 4, 10, 100, 300]) {
        const cut = whole.subarray(0, -bytes);
        for (const file of [cut, followedBy(cut, Buffer.from([0xff])), followedBy(cut, whole)]) {
          for (const options of settings)
            expect(await decode(file, options), `${kind} less ${bytes}`).toBe('TRUNCATED');
        }
      }
    }
  });
});

describe('a progressive JPEG', () => {
  it('is truncated without its end marker, which alone tells that no scan is missing', async () => {
    const ends = [2, 1, 3, 100, 1000].map((bytes) => progressive.subarray(0, -bytes));
    for (const file of [...ends, followedBy(withoutEnd(progressive), Buffer.alloc(4096))]) {
      for (const options of settings) expect(await decode(file, options)).toBe('TRUNCATED');
    }
  });
});
