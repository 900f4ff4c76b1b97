import { crc32 } from 'node:zlib';
import type { Orientation } from '../../../backends/decode/image-header.ts';
import type { IntervalJpeg } from '../../../backends/decode/interval-jpeg.ts';
import { DataError } from '../../core/errors.ts';
import type { Size } from '../../core/image.ts';
import type { RowLabels } from '../../core/multi-labels.ts';

/** How a record keeps its image. */
export const recordKinds = ['intervals', 'file', 'raw'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** An image as the store keeps it. */
export type StoredImage =
  /** A JPEG cut into restart intervals. */
  | { readonly kind: 'intervals'; readonly jpeg: IntervalJpeg }
  /** A file as it came; width and height as its header says them, 0 where it cannot be read. */
  | ({ readonly kind: 'file'; readonly file: Buffer } & Size)
  /** u8 pixels, channels side by side: 1 gray, 3 RGB. */
  | ({ readonly kind: 'raw'; readonly pixels: Uint8Array; readonly channels: 1 | 3 } & Size);

export type ImageRecord = StoredImage & Size & { readonly label: number; readonly checksum: number };

// Offsets of a record's fields, all little-endian: the picture in ARCHITECTURE.md.
const CHECKSUM = 0;
const KIND = 4;
const ORIENTATION = 5;
const CHANNELS = 6;
const LENGTH_BYTES = 7;
const WIDTH = 8;
const HEIGHT = 12;
const LABEL = 16;
const MCU_WIDTH = 20;
const MCU_HEIGHT = 21;
const MCUS_PER_INTERVAL = 22;
const FRAME_SIZE_OFFSET = 24;
const HEADER_BYTES = 28;
const FIXED_BYTES = 32;

/** The fixed fields, for intervals the length of each, then the image. */
export function encodeRecord(stored: StoredImage, label: number): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed[KIND] = recordKinds.indexOf(stored.kind);
  fixed.writeInt32LE(label, LABEL);
  const { width, height } = stored.kind === 'intervals' ? stored.jpeg : stored;
  fixed.writeUInt32LE(width, WIDTH);
  fixed.writeUInt32LE(height, HEIGHT);
  const record = Buffer.concat([fixed, ...partsOf(stored, fixed)]);
  record.writeUInt32LE(checksumOf(record), CHECKSUM);
  return record;
}

/** What follows the fixed fields, those of the image's kind filled in. */
function partsOf(stored: StoredImage, fixed: Buffer): Uint8Array[] {
  if (stored.kind === 'file') return [stored.file];
  if (stored.kind === 'raw') {
    fixed[CHANNELS] = stored.channels;
    return [stored.pixels];
  }
  const { jpeg } = stored;
  const lengths = Uint32Array.from(jpeg.intervalEnds, (end, i) => end - (jpeg.intervalEnds[i - 1] ?? 0));
  const isNarrow = lengths.every((length) => length <= 0xffff);
  const index = isNarrow ? Uint16Array.from(lengths) : lengths;
  fixed[ORIENTATION] = jpeg.orientation;
  fixed[LENGTH_BYTES] = index.BYTES_PER_ELEMENT;
  fixed[MCU_WIDTH] = jpeg.mcu.width;
  fixed[MCU_HEIGHT] = jpeg.mcu.height;
  fixed[MCUS_PER_INTERVAL] = jpeg.mcusPerInterval;
  fixed.writeUInt32LE(jpeg.frameSizeOffset, FRAME_SIZE_OFFSET);
  fixed.writeUInt32LE(jpeg.headerBytes, HEADER_BYTES);
  return [littleEndian(index), jpeg.bytes];
}

function littleEndian(index: Uint16Array | Uint32Array): Buffer {
  const bytes = Buffer.alloc(index.byteLength);
  const size = index.BYTES_PER_ELEMENT;
  for (const [i, value] of index.entries()) bytes.writeUIntLE(value, i * size, size);
  return bytes;
}

/** Takes records apart. What it returns lies in the given bytes, and in memory that the next call uses again. */
export class RecordDecoder {
  #ends = new Uint32Array(0);

  /** Throws DataError for a record that is damaged: everything in it is covered by its checksum. */
  decode(record: Buffer): ImageRecord {
    if (record.length < FIXED_BYTES) throw damaged(`${record.length} bytes, fewer than its fixed fields`);
    const checksum = record.readUInt32LE(CHECKSUM);
    if (checksumOf(record) !== checksum) throw damaged('its checksum does not match');
    const kind = recordKinds[record[KIND] as number];
    const width = record.readUInt32LE(WIDTH);
    const height = record.readUInt32LE(HEIGHT);
    const common = { width, height, label: record.readInt32LE(LABEL), checksum };
    if (kind === 'intervals') return { kind, jpeg: this.#intervalJpeg(record, common), ...common };
    const rest = record.subarray(FIXED_BYTES);
    if (kind === 'file') return { kind, file: rest, ...common };
    if (kind === 'raw') return { kind, pixels: rest, channels: record[CHANNELS] as 1 | 3, ...common };
    throw damaged(`unknown kind ${record[KIND]}`);
  }

  #intervalJpeg(record: Buffer, { width, height }: Size): IntervalJpeg {
    const mcu = { width: record[MCU_WIDTH] as number, height: record[MCU_HEIGHT] as number };
    const mcusPerInterval = record[MCUS_PER_INTERVAL] as number;
    const perRow = Math.ceil(width / mcu.width) / mcusPerInterval;
    const intervals = perRow * Math.ceil(height / mcu.height);
    const lengthBytes = record[LENGTH_BYTES] as number;
    const headerBytes = record.readUInt32LE(HEADER_BYTES);
    const bytes = record.subarray(FIXED_BYTES + intervals * lengthBytes);
    const intervalEnds = this.#readEnds(record, intervals, lengthBytes);
    if (headerBytes + (intervalEnds.at(-1) ?? 0) !== bytes.length)
      throw damaged('its intervals do not add up to its bytes');
    return {
      width,
      height,
      bytes,
      headerBytes,
      frameSizeOffset: record.readUInt32LE(FRAME_SIZE_OFFSET),
      mcu,
      mcusPerInterval,
      intervalEnds,
      orientation: record[ORIENTATION] as Orientation,
    };
  }

  #readEnds(record: Buffer, intervals: number, lengthBytes: number): Uint32Array {
    if (this.#ends.length !== intervals) this.#ends = new Uint32Array(intervals);
    const ends = this.#ends;
    const isNarrow = lengthBytes === 2;
    for (let i = 0, at = FIXED_BYTES, end = 0; i < intervals; i++, at += lengthBytes) {
      end += isNarrow ? record.readUInt16LE(at) : record.readUInt32LE(at);
      ends[i] = end;
    }
    return ends;
  }
}

const checksumOf = (record: Buffer): number => crc32(record.subarray(CHECKSUM + 4));

const damaged = (reason: string): DataError =>
  new DataError('DAMAGED_RECORD', `the store's record is damaged: ${reason}`);

/** What the store knows of a sample without touching its image. */
export interface Entry extends RowLabels {
  readonly key: string;
  /** Bytes of the sample in the source that it was imported from. */
  readonly byteLength: number;
}

const ENTRY_LENGTH = 4;
const ENTRY_KEY = 10;

export function encodeEntry({ key, label, labels, byteLength }: Entry): Buffer {
  const fixed = Buffer.alloc(ENTRY_KEY);
  fixed.writeInt32LE(label, 0);
  fixed.writeUIntLE(byteLength, ENTRY_LENGTH, 6);
  return Buffer.concat([fixed, ...(labels ? [encodeList(labels)] : []), Buffer.from(key)]);
}

/** How many there are, and each, as u32. */
const encodeList = (labels: readonly number[]): Buffer =>
  littleEndian(Uint32Array.from([labels.length, ...labels]));

/**
 * Throws DataError for one that is too short.
 *
 * @param hasList whether a list of labels stands before the key
 */
export function decodeEntry(entry: Buffer, hasList = false): Entry {
  if (entry.length < ENTRY_KEY) throw damaged(`its entry has ${entry.length} bytes`);
  const labels = hasList ? decodeList(entry) : undefined;
  return {
    label: entry.readInt32LE(0),
    ...(labels && { labels }),
    byteLength: entry.readUIntLE(ENTRY_LENGTH, 6),
    key: entry.toString('utf8', ENTRY_KEY + (labels === undefined ? 0 : 4 + 4 * labels.length)),
  };
}

function decodeList(entry: Buffer): number[] {
  const first = ENTRY_KEY + 4;
  const count = entry.length < first ? 0 : entry.readUInt32LE(ENTRY_KEY);
  if (entry.length < first + 4 * count) throw damaged(`its entry has ${entry.length} bytes`);
  return Array.from({ length: count }, (_, i) => entry.readUInt32LE(first + 4 * i));
}
