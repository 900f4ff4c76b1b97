import { describe, expect, it } from 'vitest';
import { type PageCodec, unpackPage } from '../../../../src/datasets/parquet/codecs.ts';

describe('a page that says that it unpacks to gigabytes', () => {
  it.each<PageCodec>(['SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'])(
    'is refused before it is unpacked: %s',
    (codec) => {
      const size = 2 ** 31 - 1;
      expect(() => unpackPage(codec, Buffer.alloc(1000), size)).toThrow(
        `1000 bytes of ${codec} cannot unpack to ${size}`,
      );
    },
  );
});
