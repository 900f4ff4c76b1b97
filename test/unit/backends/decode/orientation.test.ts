import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DecodeOptions, imageSize } from '../../../../backends/decode/decode.ts';
import { readHeader } from '../../../../backends/decode/header.ts';
import { exifOf, orientedExif, orientedXmp } from '../../../support/exif.ts';
import { noise } from '../../../support/images.ts';
import { chunk } from '../../../support/png-encoder.ts';

// what is expected here is what Pillow 13.0 gives for the same bytes, where nothing else is said

const size = { width: 6, height: 4 };
let jpeg: Buffer;
let png: Buffer;
let webp: Buffer;
beforeAll(async () => {
  const picture = () => sharp(noise(size, 1).data, { raw: { ...size, channels: 3 } });
  jpeg = await picture().jpeg().toBuffer();
  png = await picture().png().toBuffer();
  webp = await picture().webp({ lossless: true }).toBuffer();
});

const without = exifOf([[0x10f, 2, 4, 0x656d]]);
const garbage = Buffer.from('no TIFF file at all');
const behindTheEnd = Buffer.from('II*\0\xff\xff\0\0', 'latin1');

const exifSegment = (data: Buffer) => segment('Exif\0\0', data);
const xmpSegment = (data: Buffer) => segment('http://ns.adobe.com/xap/1.0/\0', data);
function segment(prefix: string, data: Buffer): Buffer {
  const length = data.length + prefix.length + 2;
  return Buffer.concat([
    Buffer.from([0xff, 0xe1, length >> 8, length & 255]),
    Buffer.from(prefix, 'latin1'),
    data,
  ]);
}
const jpegWith = (...segments: readonly Buffer[]): number =>
  readHeader(Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])).orientation;

describe('the orientation of a JPEG', () => {
  it('is that of the first EXIF block', () => {
    const [six, one] = [orientedExif(6), orientedExif(1)].map(exifSegment) as [Buffer, Buffer];
    expect(jpegWith(six, one)).toBe(6);
    expect(jpegWith(one, six)).toBe(1);
    expect(jpegWith(exifSegment(without), six)).toBe(1);
    const file = Buffer.concat([jpeg.subarray(0, 2), six, one, jpeg.subarray(2)]);
    const options: DecodeOptions = { dct: 'fast', orientation: 'apply', maxPixels: 100 };
    expect(imageSize(file, options)).toEqual({ width: 4, height: 6 });
  });

  it('is that of the block that can be read, which Pillow leaves where it comes second', () => {
    const six = exifSegment(orientedExif(6));
    for (const bad of [garbage, behindTheEnd, Buffer.alloc(0)].map(exifSegment)) {
      expect(jpegWith(six, bad)).toBe(6);
      expect(jpegWith(bad, six)).toBe(6);
      expect(jpegWith(bad)).toBe(1);
    }
  });

  it('is read from a block over several segments', () => {
    const block = exifOf([[0x112, 3, 1, 8]], 70_000);
    const parts = [block.subarray(0, 65_000), block.subarray(65_000)].map(exifSegment) as [Buffer, Buffer];
    expect(jpegWith(...parts)).toBe(8);
    expect(jpegWith(parts[0], xmpSegment(orientedXmp(3)), parts[1])).toBe(8);
    expect(jpegWith(parts[0])).toBe(1);
    const small = orientedExif(5);
    expect(jpegWith(...[small.subarray(0, 9), small.subarray(9)].map(exifSegment))).toBe(5);
  });

  it('comes from XMP where EXIF has none', () => {
    expect(jpegWith(xmpSegment(orientedXmp(6)))).toBe(6);
    expect(jpegWith(xmpSegment(Buffer.from('<tiff:Orientation>5</tiff:Orientation>')))).toBe(5);
    expect(jpegWith(exifSegment(without), xmpSegment(orientedXmp(6)))).toBe(6);
    expect(jpegWith(xmpSegment(orientedXmp(6)), exifSegment(orientedExif(3)))).toBe(3);
    expect(jpegWith(xmpSegment(orientedXmp(3)), xmpSegment(orientedXmp(6)))).toBe(6);
    for (const value of [0, 9]) {
      expect(jpegWith(xmpSegment(orientedXmp(value)))).toBe(1);
      expect(jpegWith(exifSegment(orientedExif(value)), xmpSegment(orientedXmp(6)))).toBe(1);
    }
  });

  it.each([
    ['a byte', 1, 1, 6, 1],
    ['text', 2, 1, 6, 1],
    ['a signed byte', 6, 1, 6, 6],
    ['a long', 4, 1, 6, 6],
    ['a signed short', 8, 1, 6, 6],
    ['two shorts', 3, 2, 6, 6],
    ['no value: XMP counts', 3, 0, 6, 3],
    ['values behind the end: XMP counts', 3, 9, 6000, 3],
    ['a type that there is not: XMP counts', 99, 1, 6, 3],
  ] as const)('may be written as %s', (_, type, count, value, expected) => {
    const exif = exifOf([[0x112, type, count, value]]);
    expect(jpegWith(exifSegment(exif), xmpSegment(orientedXmp(3)))).toBe(expected);
  });
});

/** A text's keyword with what stands between it and the text. */
const text = (head: string, data: Buffer) => Buffer.concat([Buffer.from(head, 'latin1'), data]);
const rawProfile = (data: Buffer) =>
  Buffer.from(`\nexif\n${data.length}\n${data.toString('hex').replace(/.{16}/g, '$&\n')}\n`);
const profileName = 'Raw profile type exif\0';
const xmpName = 'XML:com.adobe.xmp\0';

function pngWith({ early = [], late = [] }: { early?: readonly Buffer[]; late?: readonly Buffer[] }): number {
  const [afterHeader, end] = [33, png.length - 12];
  const parts = [png.subarray(0, afterHeader), ...early, png.subarray(afterHeader, end), ...late];
  return readHeader(Buffer.concat([...parts, png.subarray(end)])).orientation;
}

describe('the orientation of a PNG', () => {
  const exif = (orientation: number) => chunk('eXIf', orientedExif(orientation));

  it('is read before and after the pixels; the last chunk counts', () => {
    expect(pngWith({ early: [exif(6)] })).toBe(6);
    expect(pngWith({ late: [exif(6)] })).toBe(6);
    expect(pngWith({ early: [exif(6)], late: [exif(3)] })).toBe(3);
    expect(pngWith({ early: [exif(6)], late: [chunk('eXIf', garbage)] })).toBe(6);
    expect(pngWith({})).toBe(1);
    expect(readHeader(Buffer.concat([png, exif(6)])).orientation).toBe(1);
  });

  it.each([
    ['a text', 'tEXt', text(profileName, rawProfile(orientedExif(6)))],
    ['a compressed text', 'zTXt', text(`${profileName}\0`, deflateSync(rawProfile(orientedExif(6))))],
    ['an international text', 'iTXt', text(`${profileName}\0\0\0\0`, rawProfile(orientedExif(6)))],
  ])('is read from a raw profile in %s, unless there is an eXIf chunk', (_, type, data) => {
    const profile = chunk(type, data);
    expect(pngWith({ early: [profile] })).toBe(6);
    expect(pngWith({ late: [profile] })).toBe(6);
    expect(pngWith({ early: [profile], late: [exif(3)] })).toBe(3);
  });

  it.each([
    ['plain', text(`${xmpName}\0\0\0\0`, orientedXmp(6))],
    ['compressed', text(`${xmpName}\x01\0\0\0`, deflateSync(orientedXmp(6)))],
    ['in a language', text(`${xmpName}\0\0en\0keyword\0`, orientedXmp(6))],
  ])('is read from XMP, %s, unless EXIF has one', (_, data) => {
    const xmp = chunk('iTXt', data);
    expect(pngWith({ early: [xmp] })).toBe(6);
    expect(pngWith({ late: [xmp] })).toBe(6);
    expect(pngWith({ early: [xmp], late: [chunk('eXIf', without)] })).toBe(6);
    expect(pngWith({ early: [xmp], late: [exif(3)] })).toBe(3);
  });

  it('is 1 where a text is damaged', () => {
    for (const [type, data] of [
      ['zTXt', text(`${profileName}\0`, Buffer.from('no zlib stream'))],
      ['tEXt', text(profileName, Buffer.from('\nexif\n20\nzzzz\n'))],
      ['iTXt', text(xmpName, Buffer.from([1]))],
      ['iTXt', text(`${xmpName}\0\0no end`, Buffer.alloc(0))],
      // one mebibyte and one
      ['zTXt', text(`${profileName}\0`, deflateSync(Buffer.alloc(2 ** 20 + 1)))],
    ] as const)
      expect(pngWith({ late: [chunk(type, data)] })).toBe(1);
  });
});

function webpWith(flags: number, ...chunks: readonly (readonly [type: string, data: Buffer])[]): number {
  const extended = Buffer.alloc(10);
  extended[0] = flags;
  extended.writeUIntLE(size.width - 1, 4, 3);
  extended.writeUIntLE(size.height - 1, 7, 3);
  const written = [['VP8X', extended] as const, ...chunks].map(([type, data]) => {
    const head = Buffer.from(`${type}....`);
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length & 1)]);
  });
  const [first, ...rest] = written as [Buffer, ...Buffer[]];
  return readHeader(Buffer.concat([webp.subarray(0, 12), first, webp.subarray(12), ...rest])).orientation;
}

describe('the orientation of a WebP', () => {
  it('is read from the first EXIF chunk, else from XMP, where the header says that they are there', () => {
    const [exif, xmp] = [['EXIF', orientedExif(6)] as const, ['XMP ', orientedXmp(3)] as const];
    expect(webpWith(8, exif, ['EXIF', orientedExif(5)])).toBe(6);
    expect(webpWith(12, xmp, exif)).toBe(6);
    expect(webpWith(4, exif, xmp)).toBe(3);
    expect(webpWith(12, ['EXIF', without], xmp, ['XMP ', orientedXmp(8)])).toBe(3);
    expect(webpWith(0, exif, xmp)).toBe(1);
  });
});
