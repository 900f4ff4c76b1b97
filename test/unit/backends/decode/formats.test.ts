import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage } from '../../../../backends/decode/decode.ts';
import { readHeader } from '../../../../backends/decode/header.ts';
import { DataError } from '../../../../src/core/errors.ts';
import type { Size } from '../../../../src/core/image.ts';
import { randomFor } from '../../../../src/core/random.ts';
import { isImageName } from '../../../../src/datasets/folder/image-names.ts';
import { readDecodeGoldens } from '../../../support/decode-goldens.ts';

const options: DecodeOptions = { dct: 'fast', orientation: 'ignore', maxPixels: 100_000 };
const goldens = [...readDecodeGoldens('decode'), ...readDecodeGoldens('formats')];
/** A golden file. */
function fileOf(name: string): Buffer {
  const golden = goldens.find((one) => one.name === name);
  if (golden === undefined) throw new Error(`no golden file is called ${name}`);
  return golden.file;
}
const firstOf = (format: string) => goldens.find(({ name }) => name.startsWith(format))?.file as Buffer;
const formats = ['jpeg', 'png', 'gif', 'webp', 'avif', 'tiff', 'bmp', 'pnm'] as const;

/** 'image', or the DataError that decoding ends in. */
async function outcome(bytes: Buffer): Promise<DataError | 'image'> {
  try {
    await decodeImage(bytes, options, ({ width, height }) => Buffer.alloc(width * height * 3));
    return 'image';
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

/** The size in the header, or the DataError that reading it ends in. */
function sizeOf(bytes: Buffer): Size | DataError {
  try {
    const { width, height } = readHeader(bytes);
    return { width, height };
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

/** A TIFF whose tag of one SHORT has another value. */
function withTag(file: Buffer, tag: number, value: number): Buffer {
  const copy = Buffer.from(file);
  const directory = copy.readUInt32LE(4);
  for (let i = 0; i < copy.readUInt16LE(directory); i++) {
    const entry = directory + 2 + i * 12;
    if (copy.readUInt16LE(entry) !== tag) continue;
    copy.writeUInt16LE(value, entry + 8);
    return copy;
  }
  throw new Error(`no tag ${tag}`);
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('what cannot be read', () => {
  const rgb = () => fileOf('tiff RGB, uncompressed');
  const cgbi = () => {
    const png = fileOf('png');
    const chunk = latin1('\0\0\0\x04CgBIP\0 \x02\x2b\xd5\xb3\x7f');
    return Buffer.concat([png.subarray(0, 8), chunk, png.subarray(8)]);
  };
  const refusals: [what: string, file: () => Buffer, message: RegExp][] = [
    ['Lab', () => withTag(rgb(), 262, 8), /^tiff: Lab is not read; save it as 8-bit RGB$/],
    ['a raw camera file', () => withTag(rgb(), 262, 32803), /^tiff: a raw camera file is not read/],
    ['an unknown photometric interpretation', () => withTag(rgb(), 262, 77), /photometric interpretation 77/],
    ['Zstandard', () => withTag(rgb(), 259, 50000), /^tiff: compression Zstandard .* save it with LZW/],
    ['an unknown compression', () => withTag(rgb(), 259, 77), /^tiff: compression number 77 is not read/],
    ['6 samples', () => withTag(rgb(), 277, 6), /^tiff: 6 samples per pixel are not read/],
    ['CMYK of 3 samples', () => withTag(rgb(), 262, 5), /^tiff: CMYK of 3 uint8 samples per pixel/],
    ['a palette without colours', () => withTag(fileOf('tiff gray of 8, LZW'), 262, 3), /without colours/],
    ['12 bits', () => withTag(fileOf('tiff gray of 8, LZW'), 258, 12), /^tiff: gray of 1 uint12 samples/],
    ['CgBI', cgbi, /^png: Apple's CgBI variant of PNG is not readable; re-save it/],
    [
      'a PNG without IHDR',
      () => Buffer.concat([fileOf('png').subarray(0, 8), fileOf('png').subarray(33)]),
      /IHDR/,
    ],
    [
      'HEIC',
      () => latin1('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
      /^HEIC is not read; convert the file to JPEG/,
    ],
    ['HEIC of another brand', () => latin1('\0\0\0\x18ftypmif1\0\0\0\0mif1heic'), /^HEIC is not read/],
    ['JPEG XL', () => latin1('\xff\x0a\0\0'), /^JPEG XL is not read; convert the file to JPEG or PNG$/],
    ['JPEG XL in a box', () => latin1('\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl '), /^JPEG XL is not read/],
    ['JPEG 2000', () => latin1('\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 '), /^JPEG 2000 is not read/],
    ['a JPEG 2000 codestream', () => latin1('\xff\x4f\xff\x51\0\x29'), /^JPEG 2000 is not read/],
    ['PAM', () => latin1('P7\nWIDTH 3\n'), /^PAM is not read/],
    [
      'a JPEG in a BMP',
      () => changed(fileOf('bmp of 24 bits, top-down'), 30, 4),
      /^bmp: compression 4 of 24 bits/,
    ],
    ['a GIF without frames', () => latin1('GIF89a\x03\0\x03\0\0\0\0;'), /^gif: it holds no frame/],
    ['a VP8 frame without its start code', () => changed(fileOf('webp'), 23, 0), /^webp: .*first chunk/],
  ];
  for (const [what, file, message] of refusals) {
    it(`is refused by its name, from its header: ${what}`, async () => {
      const expected = { code: 'DECODE_FAILED', message: expect.stringMatching(message) };
      expect(sizeOf(file())).toMatchObject(expected);
    });
  }

  it('does not take text that starts with BM or P5 for an image', () => {
    for (const text of ['BM is how a bitmap starts, and this sentence', 'P5, the fifth page'])
      expect(sizeOf(Buffer.from(text))).toMatchObject({ code: 'NOT_AN_IMAGE' });
  });
});

describe('cut files', () => {
  for (const format of formats) {
    it(`never have another size than whole ones: ${format}`, () => {
      const file = firstOf(format);
      const size = sizeOf(file);
      for (let end = 1; end < Math.min(file.length, 1500); end++) {
        const part = sizeOf(file.subarray(0, end));
        if (!(part instanceof DataError)) expect(part, `${end} bytes`).toEqual(size);
      }
    });
  }

  it('are errors where the pixels are not all there', async () => {
    const names = ['bmp of 24 bits, header of 40', 'bmp of run lengths, 8 bits, 0', 'gif of Pillow'];
    const more = ['pnm P6, 0..255', 'pnm P3, 0..255', 'pnm P1', 'pnm P4', 'pnm P6, 0..65535'];
    for (const name of [...names, ...more])
      expect(await outcome(fileOf(name).subarray(0, -9)), name).toMatchObject({ code: 'TRUNCATED' });
  });

  it('may lack the padding of the last row: a BMP', async () => {
    expect(await outcome(fileOf('bmp of 24 bits, header of 40').subarray(0, -1))).toBe('image');
  });
});

describe('a TIFF whose lengths of strips are wrong', () => {
  const name = 'tiff RGB, uncompressed';
  const pixelsOf = async (file: Buffer) => {
    let pixels = Buffer.alloc(0);
    await decodeImage(file, options, ({ width, height }) => (pixels = Buffer.alloc(width * height * 3)));
    return pixels;
  };

  it('is decoded where nothing is compressed, as in Pillow', async () => {
    const { file, pixels } = goldens.find((one) => one.name === name) as (typeof goldens)[number];
    for (const length of [0, 100, 60_000])
      expect(await pixelsOf(withTag(file, 279, length)), `${length} bytes`).toEqual(pixels);
  });

  it('is cut where its pixels are behind the end, whatever it says', async () => {
    const far = withTag(withTag(fileOf(name), 279, 1), 273, fileOf(name).length - 300);
    expect(await outcome(far)).toMatchObject({
      code: 'DECODE_FAILED',
      message: expect.stringMatching(/ends/),
    });
  });

  it('is damaged where it is compressed', async () => {
    const longer = withTag(fileOf('tiff RGB, LZW'), 279, 60_000);
    expect(await outcome(longer)).toMatchObject({ code: 'DECODE_FAILED' });
  });
});

describe('damaged files', () => {
  for (const format of formats) {
    it(`are an image or an error with a code: ${format}`, async () => {
      const files = goldens.filter(({ name }) => name.startsWith(format));
      const codes = new Set<string>();
      for (let i = 0; i < 400; i++) {
        const rng = randomFor(i, 0, 0, 0);
        const file = Buffer.from(files[rng.uint32() % files.length]?.file as Buffer);
        for (let changes = 1 + (rng.uint32() % 4); changes > 0; changes--)
          file[rng.uint32() % Math.min(file.length, 150)] = rng.uint32() & 255;
        const result = await outcome(
          file.subarray(0, file.length - (i % 3 === 0 ? rng.uint32() % file.length : 0)),
        );
        codes.add(result === 'image' ? result : result.code);
      }
      expect(codes.size).toBeGreaterThan(1);
    });
  }
});

describe('isImageName', () => {
  it('takes the names of formats that are read, in any case, and no others', () => {
    const read = [
      'jpg',
      'jpeg',
      'jpe',
      'jfif',
      'png',
      'webp',
      'gif',
      'tif',
      'tiff',
      'bmp',
      'avif',
      'PBM',
      'pgm',
      'ppm',
      'pnm',
    ];
    for (const extension of read) expect(isImageName(`a.${extension}`), extension).toBe(true);
    for (const extension of ['heic', 'heif', 'jxl', 'jp2', 'pam', 'pfm', 'dib', 'svg', 'psd', 'txt'])
      expect(isImageName(`a.${extension}`), extension).toBe(false);
  });
});

function changed(file: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(file);
  copy[at] = value;
  return copy;
}
