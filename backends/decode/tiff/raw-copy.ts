import { countBytes, entryBytes, offsetBytes, type TiffDirectory, writeInteger } from './directory.ts';
import type { TiffLayout } from './layout.ts';
import { photometric, tag } from './tags.ts';

const SHORT = 3;

/** Tags that tell where samples are and how they are compressed. */
const kept: ReadonlySet<number> = new Set([
  tag.imageWidth,
  tag.imageLength,
  tag.bitsPerSample,
  tag.compression,
  tag.fillOrder,
  tag.stripOffsets,
  tag.samplesPerPixel,
  tag.rowsPerStrip,
  tag.stripByteCounts,
  tag.planarConfiguration,
  tag.group3Options,
  tag.group4Options,
  tag.predictor,
  tag.tileWidth,
  tag.tileLength,
  tag.tileOffsets,
  tag.tileByteCounts,
  tag.sampleFormat,
  tag.jpegTables,
]);

/** Of JPEG as TIFF 6.0 first had it, and of YCbCr. */
const isForConversion = (number: number): boolean =>
  number === tag.photometric || (number >= 512 && number <= 532);

/**
 * A copy of a TIFF file with another directory, from which libtiff gives the samples of the first image as they are
 * stored: not inverted, looked up, turned or converted to RGB, unless only libtiff can do that.
 */
export function rawCopy(bytes: Buffer, layout: TiffLayout): Buffer {
  const { directory } = layout;
  const isConverted = layout.conversion === 'within libtiff';
  const entries = [...directory.entries].filter(
    ([number]) => kept.has(number) || (isConverted && isForConversion(number)),
  );
  const copied = entries.map(([number, at]) => {
    return { number, entry: bytes.subarray(at, at + entryBytes(directory)) };
  });
  const isGray = layout.samplesPerPixel < 3;
  const interpretation = isGray ? photometric.minIsBlack : photometric.rgb;
  if (!isConverted) copied.push(shortEntry(directory, tag.photometric, interpretation));
  copied.sort((one, other) => one.number - other.number);
  const parts = copied.map(({ entry }) => entry);
  return withDirectory(bytes, directory, parts);
}

function shortEntry(directory: TiffDirectory, number: number, value: number) {
  const entry = Buffer.alloc(entryBytes(directory));
  writeInteger(entry, directory, 0, 2, number);
  writeInteger(entry, directory, 2, 2, SHORT);
  writeInteger(entry, directory, 4, offsetBytes(directory), 1);
  writeInteger(entry, directory, 4 + offsetBytes(directory), 2, value);
  return { number, entry };
}

/** The file, then a directory of these entries that no other follows. */
function withDirectory(bytes: Buffer, directory: TiffDirectory, entries: readonly Buffer[]): Buffer {
  const padding = Buffer.alloc(bytes.length % 2);
  const count = Buffer.alloc(countBytes(directory));
  writeInteger(count, directory, 0, count.length, entries.length);
  const copy = Buffer.concat([bytes, padding, count, ...entries, Buffer.alloc(offsetBytes(directory))]);
  const { isBig } = directory;
  writeInteger(copy, directory, 2, 2, isBig ? 43 : 42);
  writeInteger(copy, directory, isBig ? 8 : 4, offsetBytes(directory), bytes.length + padding.length);
  return copy;
}
