import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage, imageSize } from '../../../../backends/decode/decode.ts';
import { readHeader } from '../../../../backends/decode/header.ts';
import { DataError } from '../../../../src/core/errors.ts';
import type { Size } from '../../../../src/core/image.ts';
import { exifOf } from '../../../support/exif.ts';
import { noise } from '../../../support/images.ts';

const options: DecodeOptions = { dct: 'fast', orientation: 'ignore', maxPixels: 1_000_000 };

const picture = (size: Size) => sharp(noise(size, 5).data, { raw: { ...size, channels: 3 } });
const quality = { quality: 90, chromaSubsampling: '4:2:0' };

let jpeg: Buffer;
let progressive: Buffer;
let png: Buffer;
beforeAll(async () => {
  const size = { width: 40, height: 30 };
  jpeg = await picture(size).jpeg(quality).toBuffer();
  progressive = await picture(size)
    .jpeg({ ...quality, progressive: true })
    .toBuffer();
  png = await picture(size).png().toBuffer();
});

/** Pixels and size, or the DataError that decoding ends in. */
async function decode(
  bytes: Buffer,
  more: Partial<DecodeOptions> = {},
): Promise<{ size: Size; pixels: Buffer }> {
  let pixels: Buffer = Buffer.alloc(0);
  const size = await decodeImage(bytes, { ...options, ...more }, ({ width, height }) => {
    pixels = Buffer.alloc(width * height * 3);
    return pixels;
  });
  return { size, pixels };
}

async function failure(bytes: Buffer, more: Partial<DecodeOptions> = {}): Promise<DataError> {
  try {
    await decode(bytes, more);
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error('expected a DataError, got an image');
}

/** An uncompressed TIFF whose directory comes before its pixels. */
function tiff(size: Size): Buffer {
  const { data } = noise(size, 5);
  const [short, long] = [3, 4];
  const end = 8 + 2 + 8 * 12 + 4;
  const entries = [
    [0x100, long, 1, size.width],
    [0x101, long, 1, size.height],
    // three times 8 bits, behind the directory
    [0x102, short, 3, end],
    [0x106, short, 1, 2],
    [0x111, long, 1, end + 6],
    [0x115, short, 1, 3],
    [0x116, long, 1, size.height],
    [0x117, long, 1, data.length],
  ] as const;
  const bitsPerSample = Buffer.from([8, 0, 8, 0, 8, 0]);
  return Buffer.concat([exifOf(entries), bitsPerSample, data]);
}

/** A file with `inserted` at `at`. */
const withBytes = (file: Buffer, at: number, inserted: readonly number[]): Buffer =>
  Buffer.concat([file.subarray(0, at), Buffer.from(inserted), file.subarray(at)]);

/** The same JPEG whose frame header declares another size. */
function declaring(file: Buffer, { width, height }: Size): Buffer {
  const patched = Buffer.from(file);
  const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
  patched.writeUInt16BE(height, frame + 5);
  patched.writeUInt16BE(width, frame + 7);
  return patched;
}

describe('bad files', () => {
  it('says that a file is empty', async () => {
    expect(await failure(Buffer.alloc(0))).toMatchObject({ code: 'EMPTY_FILE' });
  });

  it('shows the first bytes of what is no image, whatever its name', async () => {
    expect(await failure(Buffer.from('hello, I am a text'))).toMatchObject({
      code: 'NOT_AN_IMAGE',
      message: expect.stringContaining('text that starts with "hello, I am a te"'),
    });
    expect(await failure(Buffer.from([0, 1, 2, 250]))).toMatchObject({
      code: 'NOT_AN_IMAGE',
      message: expect.stringContaining('bytes that start with 00 01 02 fa'),
    });
  });

  it('calls a JPEG truncated wherever it is cut, with either DCT', async () => {
    for (const file of [jpeg, progressive]) {
      const ends = [3, 20, 200, file.length / 2, file.length - 100, file.length - 3];
      for (const end of ends.map(Math.floor)) {
        for (const dct of ['fast', 'accurate'] as const) {
          expect((await failure(file.subarray(0, end), { dct })).code, `${end} bytes, ${dct}`).toBe(
            'TRUNCATED',
          );
        }
      }
    }
  });

  it('says how large a JPEG should have been that was cut', async () => {
    expect(await failure(jpeg.subarray(0, -3))).toMatchObject({
      code: 'TRUNCATED',
      message: expect.stringContaining('40 x 30'),
    });
  });

  it('calls other formats truncated where they say how long they are', async () => {
    const webp = await picture({ width: 40, height: 30 }).webp().toBuffer();
    for (const file of [png, webp]) {
      expect((await failure(file.subarray(0, 18))).code).toBe('TRUNCATED');
      expect((await failure(file.subarray(0, file.length / 2))).code).toBe('TRUNCATED');
    }
  });

  it('decodes no part of a TIFF that is cut: its pixels may come last, and nothing says how long it is', async () => {
    const size = { width: 40, height: 30 };
    const file = tiff(size);
    expect(await decode(file)).toEqual({ size, pixels: Buffer.from(noise(size, 5).data) });
    for (const bytes of [1, 40, 40 * 30]) {
      const { code, message } = await failure(file.subarray(0, file.length - bytes));
      expect(code).toBe('DECODE_FAILED');
      expect(message).toMatch(/^tiff: .*$/);
    }
  });

  it('says what failed where the data are damaged past use', async () => {
    const damaged = Buffer.from(png);
    damaged.fill(0x55, 60, 100);
    expect(await failure(damaged)).toMatchObject({
      code: 'DECODE_FAILED',
      message: expect.stringMatching(/^png: /),
    });
  });

  it('refuses too many pixels from the header, before memory is taken', async () => {
    const huge = declaring(jpeg, { width: 65_500, height: 65_500 });
    const refuse = () => {
      throw new Error('memory was asked for');
    };
    expect(() => decodeImage(huge, options, refuse)).toThrow(
      expect.objectContaining({
        code: 'TOO_MANY_PIXELS',
        message: expect.stringMatching(/65500 x 65500 = 4290250000 pixels, the limit is 1000000/),
      }),
    );
    expect(() => imageSize(huge, options)).toThrow(DataError);
  });

  it('refuses too many pixels in every format', async () => {
    const image = () => picture({ width: 40, height: 30 });
    const files = [image().png(), image().gif(), image().webp(), image().avif(), image().tiff()];
    for (const file of [jpeg, ...(await Promise.all(files.map((pipeline) => pipeline.toBuffer())))]) {
      expect((await failure(file, { maxPixels: 1199 })).code).toBe('TOO_MANY_PIXELS');
      expect((await decode(file, { maxPixels: 1200 })).size).toEqual({ width: 40, height: 30 });
    }
  });

  it('says that a frame without pixels cannot be decoded', async () => {
    expect((await failure(declaring(jpeg, { width: 40, height: 0 }))).code).toBe('DECODE_FAILED');
  });
});

describe('odd files that Pillow accepts', () => {
  const pixelsOf = async (file: Buffer, dct: DecodeOptions['dct']) => (await decode(file, { dct })).pixels;

  it('skips junk between segments, which libjpeg-turbo only warns of, and decodes by the accurate DCT', async () => {
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    const junk = withBytes(jpeg, frame, [0x12, 0x34, 0x56]);
    expect(await pixelsOf(junk, 'fast')).toEqual(await pixelsOf(jpeg, 'accurate'));
    expect(await pixelsOf(junk, 'accurate')).toEqual(await pixelsOf(jpeg, 'accurate'));
  });

  it('skips bytes after the end marker', async () => {
    const longer = withBytes(jpeg, jpeg.length, [1, 2, 3]);
    for (const dct of ['fast', 'accurate'] as const) {
      expect(await pixelsOf(longer, dct)).toEqual(await pixelsOf(jpeg, dct));
    }
  });

  it('decodes data that are damaged but complete', async () => {
    const damaged = Buffer.from(jpeg);
    damaged.fill(0x2a, jpeg.length - 200, jpeg.length - 150);
    expect((await decode(damaged)).size).toEqual({ width: 40, height: 30 });
  });

  it('decodes images of one pixel and of 20,000 in a row', async () => {
    for (const size of [
      { width: 1, height: 1 },
      { width: 20_000, height: 2 },
      { width: 1, height: 20_000 },
    ]) {
      const file = await picture(size).jpeg().toBuffer();
      expect((await decode(file)).size).toEqual(size);
      expect(imageSize(file, options)).toEqual(size);
    }
  });

  it('decodes a PNG that is called a JPEG by its bytes', async () => {
    expect((await decode(png)).pixels).toEqual(Buffer.from(noise({ width: 40, height: 30 }, 5).data));
  });

  it('repeats gray in all channels', async () => {
    const gray = await picture({ width: 9, height: 7 }).toColourspace('b-w').jpeg().toBuffer();
    expect(readHeader(gray).jpeg?.components).toBe(1);
    const { pixels } = await decode(gray);
    expect(pixels.every((value, i) => value === pixels[i - (i % 3)])).toBe(true);
  });
});

describe('readHeader', () => {
  it('tells how a JPEG is coded', async () => {
    const inks = await picture({ width: 8, height: 8 }).toColourspace('cmyk').jpeg().toBuffer();
    expect(readHeader(progressive).jpeg).toMatchObject({
      process: 'progressive',
      coding: 'huffman',
      bitsPerSample: 8,
    });
    expect(readHeader(inks).jpeg).toMatchObject({ components: 4, adobeTransform: expect.any(Number) });
    const arithmetic = Buffer.from(jpeg);
    arithmetic[jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 1] = 0xc9;
    expect(readHeader(arithmetic).jpeg).toMatchObject({ process: 'sequential', coding: 'arithmetic' });
  });

  it('finds the size of every format', async () => {
    const size = { width: 31, height: 18 };
    const image = () => picture(size);
    const files = {
      jpeg: image().jpeg(),
      png: image().png(),
      gif: image().gif(),
      webp: image().webp(),
      avif: image().avif(),
      tiff: image().tiff(),
    };
    for (const [format, pipeline] of Object.entries(files)) {
      expect(readHeader(await pipeline.toBuffer())).toMatchObject({ format, ...size });
    }
    expect(readHeader(await image().webp({ lossless: true }).toBuffer())).toMatchObject(size);
  });

  it('takes damaged EXIF data for none', async () => {
    const file = await picture({ width: 5, height: 4 })
      .withExif({ IFD0: { Artist: 'me' } })
      .jpeg()
      .toBuffer();
    const exif = file.indexOf('Exif\0\0');
    expect(exif).toBeGreaterThan(0);
    for (const offset of [0xff, 0xffff_ff00]) {
      const damaged = Buffer.from(file);
      damaged.writeUInt32LE(offset, exif + 10);
      damaged.writeUInt32BE(offset, exif + 10);
      expect(readHeader(damaged)).toMatchObject({ orientation: 1, width: 5 });
    }
  });
});
