import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type PageCodec, unpackings } from '../../../../src/datasets/parquet/codecs.ts';
import { openReader } from '../../../../src/datasets/parquet/parquet-reader.ts';
import { folderOf } from '../../../support/folders.ts';

const page = Buffer.from(Uint8Array.from({ length: 70_000 }, (_, i) => Math.imul(i, 7919) >>> 5));

/** One literal, which reaches over the start of Snappy's second fragment. */
const snappy = Buffer.concat([
  Buffer.of((page.length & 127) | 128, ((page.length >> 7) & 127) | 128, page.length >> 14),
  Buffer.of(62 << 2, (page.length - 1) & 255, ((page.length - 1) >> 8) & 255, (page.length - 1) >> 16),
  page,
]);

/** A reader of a file in which a page begins at 5, and what finds bytes of it. */
function pageReader(codec: PageCodec, packed: Buffer) {
  const path = join(folderOf({ 'x.parquet': Buffer.concat([Buffer.alloc(5), packed]) }), 'x.parquet');
  const locator = (from: number, length: number, size = page.length) => {
    const crc = crc32(page.subarray(from, from + length));
    return [0, 3, 5, packed.length, from, length, crc, size, unpackings.indexOf(codec)];
  };
  return { path, reader: openReader({ paths: [path] }), locator };
}

describe('a row in a page that must be unpacked whole', () => {
  it.each<[PageCodec, Buffer]>([
    ['SNAPPY', snappy],
    ['GZIP', gzipSync(page)],
  ])('is read by %s, and others of the page after it', async (codec, packed) => {
    const { path, reader, locator } = pageReader(codec, packed);
    expect(await reader.read(locator(65_000, 2000))).toEqual(page.subarray(65_000, 67_000));
    // the page is still there, and the file still open
    rmSync(path);
    expect(await reader.read(locator(0, 10))).toEqual(page.subarray(0, 10));
    await reader.close();
  });

  it('is refused, by file and row, where the page has another length', async () => {
    const { path, reader, locator } = pageReader('GZIP', gzipSync(page));
    for (const size of [page.length - 1, page.length + 1])
      expect(() => reader.read(locator(0, 10, size))).toThrow(`${path}: row 3: `);
    await reader.close();
  });
});
