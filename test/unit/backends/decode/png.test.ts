import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage } from '../../../../backends/decode/decode.ts';
import { readHeader } from '../../../../backends/decode/header.ts';
import { decodePng } from '../../../../backends/decode/png.ts';
import { decodeWithSharp } from '../../../../backends/decode/with-sharp.ts';
import { DataError } from '../../../../src/core/errors.ts';
import type { Size } from '../../../../src/core/image.ts';
import {
  assemblePng,
  bitsPerPixel,
  chunk,
  encodePng,
  type PngSource,
  samplesPerPixel,
} from '../../../support/png-encoder.ts';

const options: DecodeOptions = { dct: 'fast', orientation: 'apply', maxPixels: 10_000 };

/** Colour type and bits a sample. */
const kinds: readonly (readonly [colourType: number, bitsPerSample: number])[] = [
  [0, 1],
  [0, 2],
  [0, 4],
  [0, 8],
  [2, 8],
  [3, 1],
  [3, 2],
  [3, 4],
  [3, 8],
  [4, 8],
  [6, 8],
];

const bytesOf = (length: number): fc.Arbitrary<Buffer> =>
  fc
    .uint8Array({ minLength: length, maxLength: length, size: 'max' })
    .map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, length));

/** Ordinary PNGs of any kind; the palette has all the colours that the samples can name. */
const ordinaryPng: fc.Arbitrary<PngSource> = fc
  .record({
    kind: fc.constantFrom(...kinds),
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    level: fc.constantFrom<PngSource['level']>(0, 1, 6, 9, 'fixed'),
    streams: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ kind: [colourType, bitsPerSample], width, height, level, streams }) => {
    const bytesPerRow = Math.ceil((width * bitsPerPixel({ colourType, bitsPerSample })) / 8);
    const filters = { minLength: height, maxLength: height };
    return fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      colourType: fc.constant(colourType),
      bitsPerSample: fc.constant(bitsPerSample),
      level: fc.constant(level),
      streams: fc.constant(streams),
      rows: bytesOf(bytesPerRow * height).map((bytes) =>
        Array.from({ length: height }, (_, y) => bytes.subarray(y * bytesPerRow, (y + 1) * bytesPerRow)),
      ),
      filters: fc.array(fc.integer({ min: 0, max: 4 }), filters),
      ...(colourType === 3 && { palette: bytesOf(3 << bitsPerSample) }),
    });
  });

/** A small one of RGB, all filters in it. */
const example: PngSource = {
  width: 3,
  height: 5,
  colourType: 2,
  bitsPerSample: 8,
  level: 6,
  streams: 1,
  rows: Array.from({ length: 5 }, (_, y) => Buffer.from(Array.from({ length: 9 }, (_, i) => 31 * i * y + i))),
  filters: [4, 3, 2, 1, 0],
};
const paletteExample: PngSource = {
  ...example,
  colourType: 3,
  rows: Array.from({ length: 5 }, (_, y) => Buffer.from([y, 1, 2])),
  palette: Buffer.from(Array.from({ length: 15 }, (_, i) => 10 * i)),
};

let file: Buffer;
beforeAll(() => {
  file = encodePng(example);
});

describe('decodePng', () => {
  it('gives the pixels that were encoded, and what sharp gives', async () => {
    await fc.assert(
      fc.asyncProperty(ordinaryPng, async (png) => {
        const bytes = encodePng(png);
        expect(decodeFast(bytes)).toEqual(pixelsOf(png));
        expect(await decodeSlowly(bytes)).toEqual(pixelsOf(png));
      }),
      { numRuns: 150 },
    );
  });

  it('gives what sharp gives for files of another encoder', async () => {
    const picture = sharp(file).resize(33, 21);
    for (const settings of [{}, { adaptiveFiltering: true }, { palette: true, colours: 9 }]) {
      const bytes = await picture.png(settings).toBuffer();
      expect(decodeFast(bytes)).toEqual(await decodeSlowly(bytes));
    }
  });

  it('ignores chunks that do not change the pixels, wherever they are', async () => {
    const note = chunk('tEXt', Buffer.from('Title\0a picture'));
    const transparent = chunk('tRNS', Buffer.from([0, 0, 0, 1, 0, 2]));
    const gamma = chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f]));
    const bytes = encodePng({ ...example, early: [gamma, note], late: [transparent] });
    expect(decodeFast(bytes)).toEqual(pixelsOf(example));
    expect(await decodeSlowly(bytes)).toEqual(pixelsOf(example));
  });

  it('is what decodeImage uses: ordinary PNGs are decoded before it returns', () => {
    const target = Buffer.alloc(45);
    expect(decodeImage(file, options, () => target)).toEqual({ width: 3, height: 5 });
    expect(target).toEqual(pixelsOf(example));
  });

  it('leaves what is not ordinary to sharp', async () => {
    const deep = encodePng({
      ...example,
      bitsPerSample: 16,
      rows: example.rows.map(() => Buffer.alloc(18, 7)),
    });
    const interlaced = await sharp(file).png({ progressive: true }).toBuffer();
    for (const bytes of [deep, interlaced]) {
      expect(decodeFast(bytes)).toBeUndefined();
      expect(await outcome(bytes)).toEqual({ pixels: await decodeSlowly(bytes) });
    }
  });

  it('leaves images of more than 2 ** 20 pixels to sharp', () => {
    const blank = (width: number): PngSource => {
      const rows = Array.from({ length: 1024 }, () => Buffer.alloc(Math.ceil(width / 8)));
      return {
        ...example,
        width,
        height: 1024,
        rows,
        colourType: 0,
        bitsPerSample: 1,
        filters: rows.map(() => 0),
      };
    };
    expect(decodeFast(encodePng(blank(1024)))?.equals(Buffer.alloc(1024 * 1024 * 3))).toBe(true);
    expect(decodeFast(encodePng(blank(1025)))).toBeUndefined();
  });

  it('leaves a file that is to be turned to sharp', async () => {
    const exif = 'II*\0\b\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0';
    const bytes = encodePng({ ...example, early: [chunk('eXIf', Buffer.from(exif, 'latin1'))] });
    expect(await decodeImage(bytes, options, () => Buffer.alloc(45))).toEqual({ width: 5, height: 3 });
    const ignoring = decodeImage(bytes, { ...options, orientation: 'ignore' }, () => Buffer.alloc(45));
    expect(ignoring).toEqual({ width: 3, height: 5 });
  });
});

describe('a damaged PNG', () => {
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('ends as with sharp where it is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(ordinaryPng, place, async (png, end) => {
        const whole = encodePng(png);
        const bytes = whole.subarray(0, Math.ceil(whole.length * end));
        expect(await outcome(bytes)).toEqual(await outcomeOfSharp(bytes));
      }),
      { numRuns: 80 },
    );
  });

  it('ends as with sharp where bytes of the file are changed', async () => {
    const changes = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(ordinaryPng, changes, async (png, list) => {
        const bytes = changed(encodePng(png), list);
        expect(await outcome(bytes)).toEqual(await outcomeOfSharp(bytes));
      }),
      { numRuns: 150 },
    );
  });

  it('ends as with sharp where its zlib stream is changed and the checksums of the chunks are right', async () => {
    const bytesToChange = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { maxLength: 2 });
    const rows = fc.uint8Array({ maxLength: 70 });
    await fc.assert(
      fc.asyncProperty(rows, bytesToChange, async (filtered, list) => {
        const bytes = assemblePng(example, changed(deflateSync(filtered), list));
        expect(await outcome(bytes)).toEqual(await outcomeOfSharp(bytes));
      }),
      { numRuns: 150 },
    );
  });

  const bare = Buffer.alloc(0);
  const rows = Buffer.concat(example.rows.map((row) => Buffer.concat([Buffer.from([1]), row])));
  const damages: Record<string, () => Buffer> = {
    'a filter that does not exist': () => encodePng({ ...example, filters: [0, 1, 2, 3, 5] }),
    'one byte too few': () => assemblePng(example, deflateSync(rows.subarray(1))),
    'one byte too many': () => assemblePng(example, deflateSync(Buffer.concat([rows, rows.subarray(0, 1)]))),
    'no pixels': () => assemblePng(example, bare),
    'a header that promises far more pixels': () =>
      assemblePng({ ...example, width: 99, height: 99 }, deflateSync(bare)),
    'no palette': () => encodePng({ ...paletteExample, palette: bare }),
    'a colour that the palette lacks': () => encodePng({ ...paletteExample, palette: Buffer.alloc(9, 200) }),
    'a palette that comes twice': () =>
      encodePng({ ...paletteExample, early: [chunk('PLTE', Buffer.alloc(15, 9))] }),
    'a palette of gray': () => encodePng({ ...paletteExample, colourType: 0 }),
    'an unknown chunk that must not be skipped': () =>
      encodePng({ ...example, early: [chunk('ABCD', bare)] }),
    'a chunk whose name is no word': () => encodePng({ ...example, early: [chunk('a1!x', bare)] }),
    'a palette whose checksum is wrong': () => {
      const bytes = encodePng(paletteExample);
      const checksum = bytes.indexOf('IDAT') - 8;
      bytes.writeUInt32BE(1, checksum);
      return bytes;
    },
    'a palette with an incomplete colour': () => encodePng({ ...paletteExample, palette: Buffer.alloc(16) }),
    '3 bits a sample': () => encodePng({ ...paletteExample, bitsPerSample: 3 }),
  };
  for (const [name, make] of Object.entries(damages)) {
    it(`is left to sharp: ${name}`, async () => {
      const bytes = make();
      expect(decodeFast(bytes)).toBeUndefined();
      expect(await outcome(bytes)).toEqual(await outcomeOfSharp(bytes));
    });
  }
});

/** Pixels, or undefined where the fast path declines. */
function decodeFast(bytes: Buffer): Buffer | undefined {
  let pixels: Buffer | undefined;
  const isDone = decodePng(bytes, readHeader(bytes), (size) => (pixels = bufferFor(size)));
  return isDone ? pixels : undefined;
}

async function decodeSlowly(bytes: Buffer): Promise<Buffer> {
  const header = readHeader(bytes);
  let pixels = Buffer.alloc(0);
  const request = { orientation: 1, size: header, maxPixels: options.maxPixels } as const;
  await decodeWithSharp(bytes, header, request, (size) => (pixels = bufferFor(size)));
  return pixels;
}

type Outcome = { pixels: Buffer } | { code: string };

async function outcome(bytes: Buffer): Promise<Outcome> {
  try {
    let pixels = Buffer.alloc(0);
    await decodeImage(bytes, options, (size) => (pixels = bufferFor(size)));
    return { pixels };
  } catch (error) {
    if (error instanceof DataError) return { code: error.code };
    throw error;
  }
}

/** What `decodeImage` comes to without the fast path. */
async function outcomeOfSharp(bytes: Buffer): Promise<Outcome> {
  try {
    const { width, height } = readHeader(bytes);
    if (width * height > options.maxPixels) return { code: 'TOO_MANY_PIXELS' };
  } catch (error) {
    return { code: (error as DataError).code };
  }
  try {
    return { pixels: await decodeSlowly(bytes) };
  } catch (error) {
    return { code: bytes.includes('IEND') ? (error as DataError).code : 'TRUNCATED' };
  }
}

const bufferFor = ({ width, height }: Size): Buffer<ArrayBuffer> => Buffer.alloc(width * height * 3);

/** Every [place, difference] adds to the byte at that fraction of the length. */
function changed(bytes: Buffer, changes: readonly (readonly [number, number])[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [place, difference] of changes) {
    const at = Math.floor(place * copy.length);
    copy[at] = (copy[at] as number) + difference;
  }
  return copy;
}

/** Packed RGB of a PNG's samples, read from its rows as text of binary digits. */
function pixelsOf(png: PngSource): Buffer {
  const { width, colourType, bitsPerSample, palette } = png;
  const samples = samplesPerPixel[colourType] as number;
  const channels = samples < 3 ? [0, 0, 0] : [0, 1, 2];
  const largest = 2 ** bitsPerSample - 1;
  const pixels = png.rows.flatMap((row) => {
    const digits = Array.from(row, (byte) => byte.toString(2).padStart(8, '0')).join('');
    const sample = (i: number) =>
      Number.parseInt(digits.slice(i * bitsPerSample, (i + 1) * bitsPerSample), 2);
    return Array.from({ length: width }, (_, x) =>
      palette
        ? [...palette.subarray(sample(x) * 3, sample(x) * 3 + 3)]
        : channels.map((channel) => (sample(x * samples + channel) * 255) / largest),
    ).flat();
  });
  return Buffer.from(pixels);
}
