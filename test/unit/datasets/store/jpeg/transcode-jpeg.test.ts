import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../../../backends/decode/header.ts';
import { marker } from '../../../../../backends/decode/jpeg-segments.ts';
import { readCoefficients } from '../../../../../src/datasets/store/jpeg/read-coefficients.ts';
import { differences, noise } from '../../../../support/images.ts';
import {
  findSegment,
  pillowFile,
  pillowFiles,
  segmentsOf,
  sharpPixels,
  turboPixels,
} from '../../../../support/jpeg-files.ts';
import { anyJpeg, encodeJpeg, jpegWithFactors, rareFactors, transcoded } from '../../../../support/jpegs.ts';

/** The coefficients that scans of one component hold too: padding to whole MCUs is not part of the image. */
function coefficientsOf(file: Buffer): Buffer {
  const { frame } = readCoefficients(file, readHeader(file));
  const rows = frame.components.flatMap(({ usedBlocks, blocksPerRow, coefficients }) =>
    Array.from({ length: usedBlocks.height }, (_, row) => {
      const start = row * blocksPerRow * 64;
      return Buffer.from(coefficients.slice(start, start + usedBlocks.width * 64).buffer);
    }),
  );
  return Buffer.concat(rows);
}

async function expectLossless(file: Buffer, mcusPerInterval?: number): Promise<void> {
  const jpeg = transcoded(file, { ...(mcusPerInterval && { mcusPerInterval }) });
  expect(differences(turboPixels(jpeg.bytes), turboPixels(file))).toEqual([]);
  expect(differences(await sharpPixels(jpeg.bytes), await sharpPixels(file))).toEqual([]);
  expect(differences(coefficientsOf(jpeg.bytes), coefficientsOf(file))).toEqual([]);
}

describe('transcodeJpeg keeps every coefficient and pixel', () => {
  it('of any subsampling, quality and content, baseline and progressive', async () => {
    await fc.assert(
      fc.asyncProperty(anyJpeg, fc.integer({ min: 1, max: 8 }), async (recipe, most) =>
        expectLossless(await encodeJpeg(recipe), most),
      ),
      { numRuns: 200 },
    );
  });

  for (const [name, file] of pillowFiles) {
    if (name !== 'CMYK') it(`of Pillow's file: ${name}`, () => expectLossless(file));
  }

  it('of sampling factors that few encoders write', async () => {
    for (const factors of rareFactors)
      await expectLossless(jpegWithFactors({ width: 83, height: 45 }, factors, 1));
  });

  it('of a file of one scan a component', async () => {
    const gray = (seed: number) =>
      encodeJpeg({ image: noise({ width: 30, height: 20 }, seed), quality: 80, coding: { turbo: 'gray' } });
    await expectLossless(inOneFrame([await gray(1), await gray(2), await gray(3)]));
  });

  it('of a file that was transcoded before', async () => {
    const recipe = {
      image: noise({ width: 70, height: 50 }, 1),
      quality: 90,
      coding: { turbo: '4:2:0' },
    } as const;
    const once = transcoded(await encodeJpeg(recipe), { mcusPerInterval: 1 });
    await expectLossless(once.bytes);
    expect(transcoded(once.bytes, { mcusPerInterval: 1 }).bytes).toEqual(once.bytes);
  });
});

/** Three gray files of one size and quality as the components of one frame, each in a scan of its own. */
function inOneFrame(gray: readonly [Buffer, ...Buffer[]]): Buffer {
  const [file] = gray;
  const isTable = (code: number) => code === marker.huffmanTables || code === marker.quantisationTables;
  const tables = segmentsOf(file).filter((segment) => isTable(segment.marker));
  const size = findSegment(file, marker.baselineFrame).start + 1;
  const scans = gray.map((scan, i) => [
    Buffer.from([0xff, marker.startOfScan, 0, 8, 1, i + 1, 0, 0, 63, 0]),
    scan.subarray(findSegment(scan, marker.startOfScan).end, -2),
  ]);
  return Buffer.concat([
    Buffer.from([0xff, marker.startOfImage]),
    ...tables.map(({ start, end }) => file.subarray(start - 4, end)),
    Buffer.from([0xff, marker.baselineFrame, 0, 17, 8]),
    file.subarray(size, size + 4),
    Buffer.from([3, ...[1, 2, 3].flatMap((id) => [id, 0x11, 0])]),
    ...scans.flat(),
    Buffer.from([0xff, marker.endOfImage]),
  ]);
}

describe('the transcoded file', () => {
  const image = noise({ width: 100, height: 60 }, 1);
  const source = () => sharp(image.data, { raw: { width: 100, height: 60, channels: 3 } });

  it('has the number of MCUs an interval that divides a row and is nearest to 2.5, or to what is asked for', async () => {
    const perInterval = async (width: number, wanted?: number) => {
      const recipe = {
        image: noise({ width, height: 8 }, 1),
        quality: 50,
        coding: { turbo: '4:4:4' },
      } as const;
      return transcoded(await encodeJpeg(recipe), wanted ? { mcusPerInterval: wanted } : {}).mcusPerInterval;
    };
    expect(await Promise.all([8, 16, 24, 40, 48, 56, 72, 80].map((width) => perInterval(width)))).toEqual([
      1, 2, 3, 5, 3, 1, 3, 2,
    ]);
    expect(await Promise.all([1, 2, 5, 8, 100].map((wanted) => perInterval(96, wanted)))).toEqual([
      1, 2, 6, 6, 12,
    ]);
  });

  it('says where its intervals lie', async () => {
    const jpeg = transcoded(await source().jpeg({ chromaSubsampling: '4:2:0' }).toBuffer());
    const { bytes, headerBytes, intervalEnds, mcusPerInterval, mcu, frameSizeOffset, width, height } = jpeg;
    expect({ mcu, mcusPerInterval, width, height }).toEqual({
      mcu: { width: 16, height: 16 },
      mcusPerInterval: 1,
      width: 100,
      height: 60,
    });
    expect([bytes.readUInt16BE(frameSizeOffset), bytes.readUInt16BE(frameSizeOffset + 2)]).toEqual([60, 100]);
    expect(intervalEnds).toHaveLength(28);
    const markers = [...intervalEnds].map((end) => bytes.readUInt16BE(headerBytes + end - 2));
    const expected = markers.map((_, i) => (i === 27 ? 0xffd9 : 0xffd0 + (i & 7)));
    expect(markers).toEqual(expected);
    expect(headerBytes + (intervalEnds[27] as number)).toBe(bytes.length);
  });

  it('keeps the orientation and drops all other metadata', async () => {
    const exif = { IFD0: { Copyright: 'x'.repeat(1000) } };
    const file = (orientation: number) =>
      source()
        .keepIccProfile()
        .withExif(exif)
        .withMetadata({ orientation })
        .withIccProfile('p3')
        .jpeg()
        .toBuffer();
    for (const orientation of [1, 3, 6]) {
      const original = await file(orientation);
      const jpeg = transcoded(original);
      expect(jpeg.orientation).toBe(orientation);
      expect(readHeader(jpeg.bytes).orientation).toBe(orientation);
      expect(original.length - jpeg.bytes.length).toBeGreaterThan(1000);
      const markers = segmentsOf(jpeg.bytes).map((segment) => segment.marker);
      const metadata = markers.filter((code) => code >= marker.app0);
      expect(metadata).toEqual(orientation === 1 ? [] : [marker.app1]);
      expect((await sharp(jpeg.bytes).metadata()).orientation).toBe(
        orientation === 1 ? undefined : orientation,
      );
    }
  });

  it('keeps what says how colours are coded', () => {
    const { bytes } = transcoded(pillowFile('RGB without conversion'));
    expect(readHeader(bytes).jpeg).toEqual(readHeader(pillowFile('RGB without conversion')).jpeg);
  });

  it('does not change with the calls that follow', async () => {
    const jpeg = transcoded(await source().jpeg().toBuffer());
    const copy = { bytes: Buffer.from(jpeg.bytes), intervalEnds: jpeg.intervalEnds.slice() };
    transcoded(await source().jpeg({ quality: 10 }).toBuffer());
    expect(jpeg).toMatchObject(copy);
  });
});
