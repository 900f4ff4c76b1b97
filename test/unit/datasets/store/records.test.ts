import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Orientation } from '../../../../backends/decode/image-header.ts';
import type { IntervalJpeg } from '../../../../backends/decode/interval-jpeg.ts';
import { DataError } from '../../../../src/core/errors.ts';
import {
  decodeEntry,
  type Entry,
  encodeEntry,
  encodeRecord,
  RecordDecoder,
  type StoredImage,
} from '../../../../src/datasets/store/record.ts';

const anyLabel = fc.integer({ min: -1, max: 2 ** 31 - 1 });
const anySide = fc.integer({ min: 1, max: 24 });
const anyBytes = (options: fc.IntArrayConstraints) =>
  fc.uint8Array(options).map((bytes) => Buffer.from(bytes));

const anyFile: fc.Arbitrary<StoredImage> = fc.record({
  kind: fc.constant('file' as const),
  file: anyBytes({ maxLength: 200 }),
  width: fc.nat({ max: 65_535 }),
  height: fc.nat({ max: 2 ** 31 }),
});

const anyRaw: fc.Arbitrary<StoredImage> = fc
  .tuple(anySide, anySide, fc.constantFrom(1 as const, 3 as const), fc.nat({ max: 255 }))
  .map(([width, height, channels, first]) => {
    const pixels = Uint8Array.from({ length: width * height * channels }, (_, i) => first + i);
    return { kind: 'raw', pixels, channels, width, height };
  });

/** Any description of a JPEG that adds up; its bytes are none. */
const anyIntervals: fc.Arbitrary<StoredImage> = fc
  .record({
    width: anySide,
    height: anySide,
    mcuWidth: fc.constantFrom(8, 16),
    mcuHeight: fc.constantFrom(8, 16),
    perRow: fc.nat(),
    headerBytes: fc.integer({ min: 1, max: 600 }),
    frameSizeOffset: fc.nat({ max: 600 }),
    orientation: fc.integer({ min: 1, max: 8 }),
    // lengths of 4 bytes where one is beyond 65,535
    length: fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 65_530, max: 65_540 })),
  })
  .map(({ width, height, mcuWidth, mcuHeight, perRow, headerBytes, length, ...rest }) => {
    const mcusAcross = Math.ceil(width / mcuWidth);
    const divisors = [1, 2, 3, 4].filter((count) => mcusAcross % count === 0);
    const mcusPerInterval = divisors[perRow % divisors.length] as number;
    const intervals = (mcusAcross / mcusPerInterval) * Math.ceil(height / mcuHeight);
    let end = 0;
    const intervalEnds = Uint32Array.from({ length: intervals }, (_, i) => (end += i === 0 ? length : i));
    const jpeg: IntervalJpeg = {
      ...rest,
      orientation: rest.orientation as Orientation,
      width,
      height,
      mcu: { width: mcuWidth, height: mcuHeight },
      mcusPerInterval,
      headerBytes,
      intervalEnds,
      bytes: Buffer.alloc(headerBytes + end, 7),
    };
    return { kind: 'intervals', jpeg };
  });

const anyImage = fc.oneof(anyFile, anyRaw, anyIntervals);
const decoder = new RecordDecoder();

describe('a record', () => {
  it('gives back the image and the label that it was made of', () => {
    const givesBack = (stored: StoredImage, label: number) => {
      const { checksum, ...decoded } = decoder.decode(encodeRecord(stored, label));
      const { width, height } = stored.kind === 'intervals' ? stored.jpeg : stored;
      const expected =
        stored.kind === 'raw' ? { ...stored, pixels: Buffer.from(stored.pixels) } : { ...stored };
      expect(decoded).toEqual({ ...expected, width, height, label });
      expect(checksum).toBeGreaterThanOrEqual(0);
    };
    fc.assert(fc.property(anyImage, anyLabel, givesBack), { numRuns: 50 });
  });

  it('is damaged when any byte of it is another', () => {
    const isFound = (stored: StoredImage, place: number, change: number) => {
      const record = encodeRecord(stored, 3);
      const at = place % record.length;
      record[at] = (record[at] as number) ^ change;
      expect(() => decoder.decode(record)).toThrow(expect.objectContaining({ code: 'DAMAGED_RECORD' }));
    };
    fc.assert(fc.property(anyImage, fc.nat(), fc.integer({ min: 1, max: 255 }), isFound));
  });

  it('is damaged when it is cut off anywhere', () => {
    const record = encodeRecord({ kind: 'file', file: Buffer.from('some file'), width: 1, height: 1 }, 0);
    for (let length = 0; length < record.length; length++)
      expect(() => decoder.decode(record.subarray(0, length))).toThrow(DataError);
  });
});

it('an entry that is too short is damaged', () => {
  expect(() => decodeEntry(Buffer.alloc(9))).toThrow(/its entry has 9 bytes/);
});

it('an entry gives back key, label and length', () => {
  const anyEntry = fc.record({
    key: fc.string({ unit: 'binary' }),
    label: anyLabel,
    byteLength: fc.nat({ max: 2 ** 48 - 1 }),
  });
  const givesBack = (entry: Entry) => {
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  };
  fc.assert(fc.property(anyEntry, givesBack));
});
