import { crc32 } from 'node:zlib';
import { DataError, reasonOf } from '../../core/errors.ts';
import type { Reader } from '../dataset.ts';
import { OpenFiles } from '../open-files.ts';
import { type PageCodec, type Unpacking, unpackings, unpackPage } from './codecs.ts';
import { FRAGMENT_BYTES, unpackElements } from './snappy.ts';

export interface ParquetReaderOptions {
  /** The files that locators number. */
  readonly paths: readonly string[];
}

/** Plain data: a row's numbers in the order of `columnTypes`, without its label. */
export type ParquetLocator = readonly [
  ...place: [file: number, row: number],
  ...image: [offset: number, stored: number, position: number, length: number, crc: number, pageSize: number],
  unpacking: number,
];

/** Reads images out of Parquet files, into memory that is used again. */
export function openReader({ paths }: ParquetReaderOptions): Reader {
  const files = new OpenFiles(paths);
  const rows = new RowReader(files);
  return {
    read(locator) {
      const [file, row, ...numbers] = locator as ParquetLocator;
      const crc = numbers[4];
      const fail = (code: string, reason: string, cause?: unknown): never => {
        throw new DataError(code, `${files.pathOf(file)}: row ${row}: ${reason}`, { cause });
      };
      if (numbers[6] === -1) return fail('NO_IMAGE', 'has no image (its bytes are null)');
      let image: Buffer;
      try {
        image = rows.read(file, numbers);
      } catch (cause) {
        if (cause instanceof DataError) throw cause;
        return fail('CHANGED_DATA', `${reasonOf(cause)}: ${changed}`, cause);
      }
      if (crc32(image) === crc) return image;
      return fail('CHANGED_DATA', `its image differs from its checksum: ${changed}`);
    },
    close: () => files.close(),
  };
}

const changed = 'the file is damaged, or another one than was listed';

type RowNumbers = ParquetLocator extends readonly [number, number, ...infer Rest] ? Rest : never;

class RowReader {
  readonly #files: OpenFiles;
  #stored = Buffer.allocUnsafeSlow(4 * FRAGMENT_BYTES);
  #unpacked = Buffer.allocUnsafeSlow(4 * FRAGMENT_BYTES);
  /** The page that was unpacked last: rows that follow one another are mostly in one. */
  #page: { readonly file: number; readonly offset: number; readonly bytes: Buffer } | undefined;

  constructor(files: OpenFiles) {
    this.#files = files;
  }

  read(file: number, [offset, stored, position, length, , pageSize, number]: RowNumbers): Buffer {
    const unpacking = unpackings[number] as Unpacking;
    if (unpacking === 'none') return this.#bytes(file, offset, stored);
    const end = position + length;
    if (unpacking === 'fragments') return this.#unpackFragments(file, offset, stored, end).subarray(position);
    return this.#unpackPage(file, offset, stored, unpacking, pageSize).subarray(position, end);
  }

  #bytes(file: number, offset: number, length: number): Buffer {
    if (length > this.#stored.length) this.#stored = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25));
    const count = this.#files.read(file, this.#stored, length, offset);
    if (count === length) return this.#stored.subarray(0, length);
    throw new Error(`expected ${length} bytes at offset ${offset}, got ${count}`);
  }

  /** As many bytes as are wanted: what follows them in their last fragment is not unpacked. */
  #unpackFragments(file: number, offset: number, stored: number, wanted: number): Buffer {
    const packed = this.#bytes(file, offset, stored);
    // an element may end behind what is wanted, but not behind its fragment
    const room = Math.ceil(wanted / FRAGMENT_BYTES) * FRAGMENT_BYTES;
    if (room > this.#unpacked.length) this.#unpacked = Buffer.allocUnsafeSlow(room);
    unpackElements(packed, 0, stored, this.#unpacked, wanted);
    return this.#unpacked.subarray(0, wanted);
  }

  #unpackPage(file: number, offset: number, stored: number, codec: PageCodec, size: number): Buffer {
    if (this.#page?.file !== file || this.#page.offset !== offset) {
      this.#page = undefined;
      this.#page = { file, offset, bytes: unpackPage(codec, this.#bytes(file, offset, stored), size) };
    }
    return this.#page.bytes;
  }
}
