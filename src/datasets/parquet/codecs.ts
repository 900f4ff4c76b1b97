import * as zlib from 'node:zlib';
import { decompress } from 'fzstd';
import { reasonOf } from '../../core/errors.ts';
import { unpackBlock } from './snappy.ts';

/** How a part of a file becomes the bytes in it: as a number in an index. */
export const unpackings = ['none', 'fragments', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'] as const;
export type Unpacking = (typeof unpackings)[number];
/** Those of which a page is one piece. */
export type PageCodec = Exclude<Unpacking, 'none' | 'fragments'>;

/**
 * The best ratio that a codec can reach: a page that says more is damaged, and must not fill the memory. Brotli and Zstandard
 * reach any: of theirs `FREE_BYTES` may be packed better than by gzip.
 */
const MAX_RATIO: Readonly<Record<PageCodec, number>> = { SNAPPY: 22, GZIP: 1100, BROTLI: 1100, ZSTD: 1100 };
const FREE_BYTES: Readonly<Record<PageCodec, number>> = {
  ...{ SNAPPY: 64, GZIP: 64 },
  ...{ BROTLI: 1 << 28, ZSTD: 1 << 28 },
};

const unpackers: Readonly<Record<PageCodec, (packed: Buffer, size: number) => Uint8Array>> = {
  SNAPPY: (packed, size) => {
    const page = Buffer.allocUnsafeSlow(size);
    unpackBlock(packed, page);
    return page;
  },
  GZIP: (packed, size) => zlib.gunzipSync(packed, { maxOutputLength: Math.max(1, size) }),
  BROTLI: (packed, size) => zlib.brotliDecompressSync(packed, { maxOutputLength: Math.max(1, size) }),
  ZSTD: unpackZstd,
};

export const isPageCodec = (codec: string): codec is PageCodec => Object.hasOwn(unpackers, codec);

/** A whole page in memory of its own. Errors say what is wrong with it, not where it is. */
export function unpackPage(codec: PageCodec, packed: Buffer, size: number): Buffer {
  checkSize(codec, packed.length, size);
  const page = unpackers[codec](packed, size);
  if (page.length !== size) throw new Error(`${codec} unpacks to ${page.length} bytes, expected ${size}`);
  return Buffer.from(page.buffer, page.byteOffset, size);
}

export function checkSize(codec: PageCodec, packedBytes: number, size: number): void {
  if (size > packedBytes * MAX_RATIO[codec] + FREE_BYTES[codec])
    throw new Error(`${packedBytes} bytes of ${codec} cannot unpack to ${size}`);
}

/** Node's own where it has one (22.15 and later): several times as fast. */
function unpackZstd(packed: Buffer, size: number): Uint8Array {
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: typeof zlib.brotliDecompressSync };
  if (zstdDecompressSync) return zstdDecompressSync(packed, { maxOutputLength: Math.max(1, size) });
  try {
    return decompress(packed, new Uint8Array(size));
  } catch (cause) {
    throw new Error(`ZSTD: ${reasonOf(cause)}`, { cause });
  }
}
