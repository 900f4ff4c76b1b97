import { crc32 } from 'node:zlib';
import type { Unpacking } from './codecs.ts';
import type { PlainValues } from './column-values.ts';
import type { StoredBytes } from './pages.ts';
import { FRAGMENT_BYTES } from './snappy.ts';

const LENGTH_BYTES = 4;

/** Where an image's bytes are. */
export interface ImageBytes {
  /** In the file: of what must be read for it. */
  readonly offset: number;
  readonly stored: number;
  readonly unpacking: Unpacking;
  /** Of a page that must be unpacked whole, its size then. */
  readonly pageSize: number;
  /** In what that unpacks to. */
  readonly position: number;
  readonly length: number;
  readonly crc: number;
}

/** Where images are, and their checksums. */
export const imageBytes: PlainValues<ImageBytes> = ({ bytes, stored }, start, count) =>
  byteArrays(bytes, start, count, (from, to) => ({
    ...locate(stored, from, to - from),
    length: to - from,
    crc: crc32(bytes.subarray(from, to)),
  }));

export const texts: PlainValues<string> = ({ bytes }, start, count) =>
  byteArrays(bytes, start, count, (from, to) => bytes.toString('utf8', from, to));

export const int32s: PlainValues<number> = ({ bytes }, start, count) =>
  fixed(bytes.length - start, count, 4, (at) => bytes.readInt32LE(start + at));

/** Beyond 2^53 they are rounded: no class has such a number. */
export const int64s: PlainValues<number> = ({ bytes }, start, count) =>
  fixed(
    bytes.length - start,
    count,
    8,
    (at) => bytes.readInt32LE(start + at + 4) * 2 ** 32 + bytes.readUInt32LE(start + at),
  );

function fixed(available: number, count: number, width: number, read: (at: number) => number) {
  if (count * width > available) return undefined;
  return Array.from({ length: count }, (_, i) => read(i * width));
}

function byteArrays<Value>(
  bytes: Buffer,
  start: number,
  count: number,
  read: (from: number, to: number) => Value,
): Value[] | undefined {
  const values: Value[] = [];
  let at = start;
  while (values.length < count) {
    const from = at + LENGTH_BYTES;
    if (from > bytes.length) return undefined;
    at = from + bytes.readUInt32LE(at);
    if (at > bytes.length) return undefined;
    values.push(read(from, at));
  }
  return values;
}

/** The least that must be read of the file for a part of a page. */
function locate({ offset, length, size, unpacking, starts }: StoredBytes, from: number, count: number) {
  if (unpacking === 'none')
    return { unpacking, offset: offset + from, stored: count, position: 0, pageSize: 0 };
  if (starts === undefined) return { unpacking, offset, stored: length, position: from, pageSize: size };
  const first = Math.floor(from / FRAGMENT_BYTES);
  const behind = Math.ceil((from + count) / FRAGMENT_BYTES);
  const [start, end] = [starts[first] as number, starts[behind] as number];
  const position = from - first * FRAGMENT_BYTES;
  return { unpacking, offset: offset + start, stored: end - start, position, pageSize: 0 };
}
