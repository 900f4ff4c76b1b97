import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { marker } from '../../../../../backends/decode/jpeg-segments.ts';
import { transcodeJpeg } from '../../../../../src/datasets/store/jpeg/transcode-jpeg.ts';
import { differences, noise } from '../../../../support/images.ts';
import { findSegment, pillowFile, pillowFiles, turboPixels } from '../../../../support/jpeg-files.ts';
import { encodeJpeg, jpegWithFactors } from '../../../../support/jpegs.ts';

const reasonOf = (file: Buffer, options = {}): string | undefined => {
  const result = transcodeJpeg(file, options);
  return 'reason' in result ? result.reason : undefined;
};

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
    const copy = Buffer.from(file);
    copy.set(values, findSegment(file, code).start - 4 + offset);
    return copy;
  }
  const frame = (offset: number, ...values: number[]) =>
    patched(baseline, marker.baselineFrame, offset, ...values);

  it('for what it does not read', async () => {
    const png = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect(reasonOf(frame(1, 0xc9))).toBe('arithmetic coding');
    expect(reasonOf(frame(1, 0xc3))).toBe('lossless process');
    expect(reasonOf(frame(1, 0xc5))).toBe('hierarchical process');
    expect(reasonOf(frame(4, 12))).toBe('12 bits a sample');
    expect(reasonOf(frame(5, 0, 0))).toBe('damaged: header, or not an image');
    expect(reasonOf(frame(9, 2))).toBe('2 components');
    expect(reasonOf(pillowFile('CMYK'))).toBe('4 components');
    expect(reasonOf(frame(11, 0x44))).toBe('more than 10 blocks in an MCU');
    expect(reasonOf(frame(11, 0x31, 1, 2, 0x21))).toBe('sampling factors that are not whole ratios');
    expect(reasonOf(patched(baseline, marker.quantisationTables, 4, 0x10))).toBe(
      '16-bit quantisation tables',
    );
    expect(reasonOf(frame(5, 0x05, 0, 0xff, 0xff))).toBe('damaged: too few bytes for its size');
    expect(reasonOf(baseline, { maxPixels: 48 * 40 - 1 })).toBe('more than 1919 pixels');
    expect(reasonOf(await png)).toBe('png');
    expect(reasonOf(Buffer.alloc(0))).toBe('damaged: header, or not an image');
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
    const shifted = Buffer.from(progressive);
    shifted[findSegment(progressive, marker.startOfScan, 1).end - 1] = 13;
    expect(reasonOf(shifted)).toBe('coefficients beyond baseline');
  });

  it('for damage that decoders correct or conceal', () => {
    const beforeEnd = Buffer.concat([baseline.subarray(0, -2), Buffer.from([1, 2, 3, 0xff, 0xd9])]);
    expect(reasonOf(beforeEnd)).toBe('libjpeg-turbo complains');
    const restarts = Buffer.from(pillowFile('restart marker every 3 MCUs, across rows'));
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
    const [start, end] = [0, 1].map((i) => findSegment(progressive, marker.startOfScan, i).start - 4);
    const bytes = Buffer.concat([
      progressive.subarray(0, -2),
      ...Array.from({ length: 100 }, () => progressive.subarray(start, end)),
      progressive.subarray(-2),
    ]);
    expect(reasonOf(bytes)).toBe('more than 100 scans');
  });

  it('or the same pixels, whatever bytes are changed', () => {
    const files = [baseline, progressive, ...pillowFiles.values()];
    // half of the changes in the headers, which come first
    const anyPlace = fc.oneof(fc.nat(700), fc.nat(4000));
    const changes = fc.array(fc.tuple(anyPlace, fc.nat(255)), { minLength: 1, maxLength: 4 });
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...files), changes, (file, values) => {
        const bytes = Buffer.from(file);
        for (const [place, value] of values) bytes[place % bytes.length] = value;
        const result = transcodeJpeg(bytes, { maxPixels: 100_000 });
        if ('reason' in result) return;
        taken++;
        expect(differences(turboPixels(result.jpeg.bytes), turboPixels(bytes))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    // with another table or coefficient it is still a picture
    expect(taken).toBeGreaterThan(50);
  });
});
