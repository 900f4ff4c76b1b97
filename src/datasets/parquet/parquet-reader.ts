import { crc32 } from 'node:zlib';
import { DataError, MillraceError, reasonOf } from '../../core/errors.ts';
import type { RemoteOptions } from '../../remote/remote-files.ts';
import type { Reader } from '../dataset.ts';
import type { SourcePath } from '../opening/source-path.ts';
import { after, type Piece, Pieces } from '../pieces/pieces.ts';
import { type Unpacking, unpackings, unpackPage } from './codecs.ts';
import { FRAGMENT_BYTES, unpackElements } from './snappy.ts';

export interface ParquetReaderOptions {
  /** The files that locators number. */
  readonly paths: readonly SourcePath[];
  readonly remote?: RemoteOptions;
}

/** Plain data: a row's numbers in the order of `columnNames`, without its label. */
export type ParquetLocator = readonly [
  ...place: [file: number, row: number],
  ...image: [offset: number, stored: number, position: number, length: number, crc: number, pageSize: number],
  unpacking: number,
];

/** Reads images out of Parquet files, local ones into memory that is used again. */
export function openReader({ paths, remote }: ParquetReaderOptions): Reader {
  const files = new Pieces(paths, remote);
  const rows = new RowReader(files);
  return {
    read(locator) {
      const [file, row, ...numbers] = locator as ParquetLocator;
      const crc = numbers[4];
      const fail = (code: string, reason: string, cause?: unknown): never => {
        throw new DataError(code, `${files.pathOf(file)}: row ${row}: ${reason}`, { cause });
      };
      const refuse = (cause: unknown): never => {
        if (cause instanceof MillraceError) throw cause;
        return fail('CHANGED_DATA', `${reasonOf(cause)}: ${changed}`, cause);
      };
      const check = (image: Buffer): Buffer =>
        crc32(image) === crc
          ? image
          : fail('CHANGED_DATA', `its image differs from its checksum: ${changed}`);
      if (numbers[6] === -1) return fail('NO_IMAGE', 'has no image (its bytes are null)');
      let image: Buffer | Promise<Buffer>;
      try {
        image = rows.read(file, numbers);
      } catch (cause) {
        return refuse(cause);
      }
      return image instanceof Promise ? image.catch(refuse).then(check) : check(image);
    },
    ...(files.isRemote && {
      prefetch: (locators) => files.prefetch((locators as readonly ParquetLocator[]).flatMap(pieceOf)),
    }),
    close: () => files.close(),
  };
}

const changed = 'the file is damaged, or another one than was listed';

/** What is read for a row: nothing where it has no image. */
const pieceOf = ([file, , offset, stored, , , , , unpacking]: ParquetLocator): Piece[] =>
  unpacking === -1 ? [] : [{ file, offset, length: stored }];

type RowNumbers = ParquetLocator extends readonly [number, number, ...infer Rest] ? Rest : never;

class RowReader {
  readonly #files: Pieces;
  #unpacked = Buffer.allocUnsafeSlow(4 * FRAGMENT_BYTES);
  /** The page that was unpacked last: rows that follow one another are mostly in one. */
  #page: { readonly file: number; readonly offset: number; readonly bytes: Buffer } | undefined;

  constructor(files: Pieces) {
    this.#files = files;
  }

  read(file: number, [offset, stored, position, length, , pageSize, number]: RowNumbers) {
    const unpacking = unpackings[number] as Unpacking;
    const end = position + length;
    const piece = { file, offset, length: stored };
    const isPage = unpacking !== 'none' && unpacking !== 'fragments';
    if (isPage && this.#page?.file === file && this.#page.offset === offset)
      return this.#page.bytes.subarray(position, end);
    return after(this.#files.read(piece), (bytes) => {
      if (bytes.length < stored)
        throw new Error(`expected ${stored} bytes at offset ${offset}, got ${bytes.length}`);
      if (unpacking === 'none') return bytes;
      if (unpacking === 'fragments') return this.#unpackFragments(bytes, end).subarray(position);
      const page = unpackPage(unpacking, bytes, pageSize);
      this.#page = { file, offset, bytes: page };
      return page.subarray(position, end);
    });
  }

  /** As many bytes as are wanted: what follows them in their last fragment is not unpacked. */
  #unpackFragments(packed: Buffer, wanted: number): Buffer {
    // an element may end behind what is wanted, but not behind its fragment
    const room = this.#room(Math.ceil(wanted / FRAGMENT_BYTES) * FRAGMENT_BYTES);
    unpackElements(packed, 0, packed.length, room, wanted);
    return room.subarray(0, wanted);
  }

  /** Of local files the same memory again; several reads from the network may be at this point at once. */
  #room(length: number): Buffer {
    if (this.#files.isRemote) return Buffer.allocUnsafe(length);
    if (length > this.#unpacked.length) this.#unpacked = Buffer.allocUnsafeSlow(length);
    return this.#unpacked;
  }
}
