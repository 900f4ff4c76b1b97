import { crc32 } from 'node:zlib';
import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { DataError, reasonOf } from '../../core/errors.ts';
import type { ParquetFile } from './parquet-file.ts';

const MAGIC = 'PAR1';
/** Of a file whose footer is encrypted, and with it what says where the columns are. */
const ENCRYPTED_MAGIC = 'PARE';
/** The footer's length and the magic word. */
const TAIL_BYTES = 8;
/** Of files with a million row groups; a damaged length must not fill the memory. */
const MAX_FOOTER_BYTES = 1 << 28;

export interface Footer {
  readonly metadata: FileMetaData;
  /** Where the pages end. */
  readonly start: number;
}

/** The last bytes of a file, which tell it from another one of the same length. */
export interface RawFooter {
  readonly bytes: Buffer;
  readonly crc: number;
}

export const isParquet = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(0, 4)).toString('latin1') === MAGIC;

export async function readRawFooter(file: ParquetFile): Promise<RawFooter> {
  if (file.size < 4 + TAIL_BYTES) throw notParquet(file, `it has ${file.size} bytes`);
  const tail = Buffer.from(await file.bytes(file.size - TAIL_BYTES, TAIL_BYTES));
  const magic = tail.toString('latin1', 4);
  if (magic === ENCRYPTED_MAGIC) throw file.refused('UNSUPPORTED_PARQUET', 'is encrypted, which is not read');
  if (magic !== MAGIC) throw await withoutEnd(file);
  const length = tail.readUInt32LE(0);
  if (length > Math.min(MAX_FOOTER_BYTES, file.size - 4 - TAIL_BYTES))
    throw file.damaged(`its footer cannot have ${length} bytes`);
  const bytes = Buffer.from(await file.bytes(file.size - TAIL_BYTES - length, length + TAIL_BYTES));
  return { bytes, crc: crc32(bytes) };
}

export function parseFooter(file: ParquetFile, { bytes }: RawFooter): Footer {
  try {
    // statistics are of no use here: left as they are, no image's first bytes become a text
    const parsers = { stringFromBytes: (value: Uint8Array) => value };
    const metadata = parquetMetadata(bytes, { geoparquet: false, parsers });
    return { metadata, start: file.size - bytes.length };
  } catch (cause) {
    throw file.damaged(`its footer cannot be read: ${reasonOf(cause)}`, cause);
  }
}

async function withoutEnd(file: ParquetFile): Promise<DataError> {
  if (!isParquet(await file.bytes(0, 4))) return notParquet(file, 'it does not end with PAR1');
  return new DataError('TRUNCATED_PARQUET', `${file.path}: is cut: it begins, but does not end, with PAR1`);
}

const notParquet = (file: ParquetFile, reason: string): DataError =>
  new DataError('NOT_PARQUET', `${file.path}: is not a Parquet file: ${reason}`);
