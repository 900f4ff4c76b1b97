import { readFileSync } from 'node:fs';
import jpegTurbo from '@julusian/jpeg-turbo';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { readHeader } from '../../backends/kernels/decode/header.ts';
import { marker, segments } from '../../backends/kernels/decode/jpeg-segments.ts';
import { readCoefficients } from '../../src/store/jpeg/read-coefficients.ts';
import { transcodeJpeg } from '../../src/store/jpeg/transcode-jpeg.ts';
import { differences, noise } from '../support/images.ts';
import { anyJpeg, encodeJpeg, jpegWithFactors, rareFactors, transcoded } from '../support/jpegs.ts';

const turboPixels = (file: Buffer): Buffer =>
  jpegTurbo.decompressSync(file, { format: jpegTurbo.FORMAT_RGB }).data;
const sharpPixels = (file: Buffer): Promise<Buffer> =>
  sharp(file, { ignoreIcc: true }).toColourspace('srgb').raw().toBuffer();

/** The coefficients that scans of one component hold too: padding to whole MCUs is not part of the image. */
function coefficientsOf(file: Buffer): Buffer[] {
  const { frame } = readCoefficients(file, readHeader(file));
  return frame.components.flatMap(({ usedBlocks, blocksPerRow, coefficients }) =>
    Array.from({ length: usedBlocks.height }, (_, row) => {
      const start = row * blocksPerRow * 64;
      return Buffer.from(coefficients.slice(start, start + usedBlocks.width * 64).buffer);
    }),
  );
}

const golden: Record<string, string> = JSON.parse(readFileSync('test/golden/transcode.json', 'utf8')).files;
const goldenFile = (name: string): Buffer => Buffer.from(golden[name] as string, 'base64');

const reasonOf = (file: Buffer, options = {}): string | undefined => {
  const result = transcodeJpeg(file, options);
  return 'reason' in result ? result.reason : undefined;
};

async function expectLossless(file: Buffer, mostMcusPerInterval?: number): Promise<void> {
  const jpeg = transcoded(file, { ...(mostMcusPerInterval && { mostMcusPerInterval }) });
  expect(differences(turboPixels(jpeg.bytes), turboPixels(file))).toEqual([]);
  expect(differences(await sharpPixels(jpeg.bytes), await sharpPixels(file))).toEqual([]);
  expect(coefficientsOf(jpeg.bytes)).toEqual(coefficientsOf(file));
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

  for (const name of Object.keys(golden).filter((key) => key !== 'CMYK')) {
    it(`of Pillow's file: ${name}`, () => expectLossless(goldenFile(name)));
  }

  it('of sampling factors that few encoders write', async () => {
    for (const factors of rareFactors)
      await expectLossless(jpegWithFactors({ width: 83, height: 45 }, factors, 1));
  });

  it('of a file of one scan a component', async () => {
    const gray = await Promise.all(
      [1, 2, 3].map((seed) =>
        encodeJpeg({ image: noise({ width: 30, height: 20 }, seed), quality: 80, coding: { turbo: 'gray' } }),
      ),
    );
    await expectLossless(inOneFrame(gray));
  });

  it('of a file that was transcoded before', async () => {
    const recipe = {
      image: noise({ width: 70, height: 50 }, 1),
      quality: 90,
      coding: { turbo: '4:2:0' },
    } as const;
    const once = transcoded(await encodeJpeg(recipe), { mostMcusPerInterval: 1 });
    await expectLossless(once.bytes);
    expect(transcoded(once.bytes, { mostMcusPerInterval: 1 }).bytes).toEqual(once.bytes);
  });
});

/** Three gray files of one size as the components of one frame, each in a scan of its own. */
function inOneFrame(gray: readonly Buffer[]): Buffer {
  const parts = gray.map((file, component) => {
    const all = [...untilEnd(file)];
    const scan = all.find((segment) => segment.marker === marker.startOfScan);
    const start = scan?.end ?? 0;
    const header = Buffer.from([0xff, marker.startOfScan, 0, 8, 1, component + 1, 0, 0, 63, 0]);
    return { all, data: Buffer.concat([header, file.subarray(start, -2)]) };
  });
  const [file] = gray as [Buffer];
  const tables = parts[0]?.all.filter(
    (s) => s.marker === marker.huffmanTables || s.marker === marker.quantisationTables,
  );
  const frame = [8, 0, 20, 0, 30, 3, ...[1, 2, 3].flatMap((id) => [id, 0x11, 0])];
  return Buffer.concat([
    Buffer.from([0xff, marker.startOfImage]),
    ...(tables ?? []).map(({ start, end }) => file.subarray(start - 4, end)),
    Buffer.from([0xff, marker.baselineFrame, 0, 2 + frame.length, ...frame]),
    ...parts.map(({ data }) => data),
    Buffer.from([0xff, marker.endOfImage]),
  ]);
}

function* untilEnd(file: Buffer) {
  for (const segment of segments(file)) {
    if (segment.marker === marker.endOfImage) return;
    yield segment;
  }
}

describe('the transcoded file', () => {
  const image = noise({ width: 100, height: 60 }, 1);
  const source = () => sharp(image.data, { raw: { width: 100, height: 60, channels: 3 } });

  it('has as many MCUs an interval as divide a row, at most 4 where nothing else is asked for', async () => {
    const perInterval = async (width: number, most?: number) => {
      const recipe = {
        image: noise({ width, height: 8 }, 1),
        quality: 50,
        coding: { turbo: '4:4:4' },
      } as const;
      return transcoded(await encodeJpeg(recipe), most ? { mostMcusPerInterval: most } : {}).mcusPerInterval;
    };
    expect(await Promise.all([8, 16, 24, 40, 48, 56, 72, 80].map((width) => perInterval(width)))).toEqual([
      1, 2, 3, 1, 3, 1, 3, 2,
    ]);
    expect(await Promise.all([1, 2, 5, 8, 100].map((most) => perInterval(96, most)))).toEqual([
      1, 2, 4, 6, 12,
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
      const markers = [...untilEnd(jpeg.bytes)].map((segment) => segment.marker);
      const metadata = markers.filter((code) => code >= marker.app0);
      expect(metadata).toEqual(orientation === 1 ? [] : [marker.app1]);
      expect((await sharp(jpeg.bytes).metadata()).orientation).toBe(
        orientation === 1 ? undefined : orientation,
      );
    }
  });

  it('keeps what says how colours are coded', () => {
    const { bytes } = transcoded(goldenFile('RGB without conversion'));
    expect(readHeader(bytes).jpeg).toEqual(readHeader(goldenFile('RGB without conversion')).jpeg);
  });

  it('does not change with the calls that follow', async () => {
    const jpeg = transcoded(await source().jpeg().toBuffer());
    const copy = { bytes: Buffer.from(jpeg.bytes), intervalEnds: jpeg.intervalEnds.slice() };
    transcoded(await source().jpeg({ quality: 10 }).toBuffer());
    expect(jpeg).toMatchObject(copy);
  });
});

describe('transcodeJpeg gives a reason', () => {
  let baseline: Buffer;
  let progressive: Buffer;
  beforeAll(async () => {
    const image = noise({ width: 48, height: 40 }, 4);
    const quality = 60;
    baseline = await encodeJpeg({ image, quality, coding: { turbo: '4:2:0' } });
    progressive = await encodeJpeg({ image, quality, coding: { sharp: { progressive: true } } });
  });

  /** The file with other bytes at an offset from the start of its first segment with this marker. */
  function patched(file: Buffer, code: number, offset: number, ...values: number[]): Buffer {
    const found = [...untilEnd(file)].find((segment) => segment.marker === code);
    const copy = Buffer.from(file);
    copy.set(values, (found?.start ?? Number.NaN) - 4 + offset);
    return copy;
  }
  const frame = (offset: number, ...values: number[]) =>
    patched(baseline, marker.baselineFrame, offset, ...values);

  it('for what it does not read', async () => {
    expect(reasonOf(frame(1, 0xc9))).toBe('arithmetic coding');
    expect(reasonOf(frame(1, 0xc3))).toBe('lossless process');
    expect(reasonOf(frame(1, 0xc5))).toBe('hierarchical process');
    expect(reasonOf(frame(4, 12))).toBe('12 bits a sample');
    expect(reasonOf(frame(5, 0, 0))).toBe('jpeg: the header declares 48 x 0 pixels');
    expect(reasonOf(frame(9, 2))).toBe('2 components');
    expect(reasonOf(goldenFile('CMYK'))).toBe('4 components');
    expect(reasonOf(frame(11, 0x44))).toBe('more than 10 blocks in an MCU');
    expect(reasonOf(frame(11, 0x31, 1, 2, 0x21))).toBe('sampling factors that are no whole ratios');
    expect(reasonOf(patched(baseline, marker.quantisationTables, 4, 0x10))).toBe(
      '16-bit quantisation tables',
    );
    expect(reasonOf(frame(5, 0x05, 0, 0xff, 0xff))).toBe('damaged: too few bytes for its size');
    expect(reasonOf(baseline, { maxPixels: 48 * 40 - 1 })).toBe('more than 1919 pixels');
    expect(
      reasonOf(
        await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      ),
    ).toBe('png');
    expect(reasonOf(Buffer.alloc(0))).toBe('expected an image, got an empty file');
  });

  it('for sampling factors that libjpeg-turbo does not know', () => {
    const factors = [
      [4, 2],
      [1, 1],
      [1, 1],
    ] as const;
    expect(reasonOf(jpegWithFactors({ width: 83, height: 45 }, factors, 1))).toBe('libjpeg-turbo complains');
  });

  it('for coefficients that baseline cannot hold', () => {
    // the first scan of AC says from which bit on it holds them; from the 13th they are too large
    const firstAc = [...untilEnd(progressive)].filter(({ marker: code }) => code === marker.startOfScan)[1];
    const shifted = Buffer.from(progressive);
    shifted[(firstAc?.end ?? 0) - 1] = 13;
    expect(reasonOf(shifted)).toBe('coefficients beyond baseline');
  });

  it('for damage that decoders correct or conceal', () => {
    const beforeEnd = Buffer.concat([baseline.subarray(0, -2), Buffer.from([1, 2, 3, 0xff, 0xd9])]);
    expect(reasonOf(beforeEnd)).toBe('libjpeg-turbo complains');
    const restarts = Buffer.from(goldenFile('restart marker every 3 MCUs, across rows'));
    restarts[restarts.indexOf(Buffer.from([0xff, 0xd1])) + 1] = 0xd4;
    expect(reasonOf(restarts)).toBe('damaged: a restart marker is missing');
  });

  it('wherever a file is cut', () => {
    for (const file of [baseline, progressive]) {
      for (let end = 0; end < file.length; end += 7) {
        expect(reasonOf(file.subarray(0, end)), `${end} bytes`).toEqual(expect.any(String));
      }
    }
  });

  it('for more scans than an encoder writes, at once', () => {
    const start = progressive.indexOf(Buffer.from([0xff, marker.startOfScan]));
    const scan = [...untilEnd(progressive)].filter((segment) => segment.marker === marker.startOfScan)[1];
    const bytes = Buffer.concat([
      progressive.subarray(0, -2),
      ...Array.from({ length: 200 }, () => progressive.subarray(start, (scan?.start ?? 0) - 4)),
      progressive.subarray(-2),
    ]);
    expect(reasonOf(bytes)).toBe('more than 100 scans');
  });

  it('or the same pixels, whatever bytes are changed', () => {
    const files = [baseline, progressive, ...Object.keys(golden).map(goldenFile)];
    const changes = fc.array(fc.tuple(fc.double({ min: 0, max: 0.9999, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    const header = fc.tuple(
      fc.constantFrom(...files.keys()),
      changes,
      fc.constantFrom(700, Number.POSITIVE_INFINITY),
    );
    let taken = 0;
    fc.assert(
      fc.property(header, ([index, values, within]) => {
        const bytes = Buffer.from(files[index] as Buffer);
        for (const [place, value] of values)
          bytes[Math.floor(place * Math.min(within, bytes.length))] = value;
        const result = transcodeJpeg(bytes, { maxPixels: 100_000 });
        if ('reason' in result) return;
        taken++;
        expect(differences(turboPixels(result.jpeg.bytes), turboPixels(bytes))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    // a changed comment, table or coefficient is still a picture
    expect(taken).toBeGreaterThan(0);
  });
});
