import { crc32 } from 'node:zlib';
import type { ColumnMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { reasonOf } from '../../core/errors.ts';
import { checkSize, isPageCodec, type PageCodec, type Unpacking, unpackPage } from './codecs.ts';
import type { ParquetFile } from './parquet-file.ts';
import { elementsStart, unpackElements } from './snappy.ts';

/** A page's bytes with what they are: levels, where they are in them, then values. */
export interface Page {
  readonly type: 'dictionary' | 'data';
  readonly count: number;
  readonly encoding: string | undefined;
  /** Levels that are no part of `bytes`: those of a page of version 2. */
  readonly levels?: { readonly repetition: Buffer; readonly definition: Buffer };
  readonly bytes: Buffer;
  readonly stored: StoredBytes;
}

/** Where a page's bytes are in the file. */
export interface StoredBytes {
  readonly offset: number;
  readonly length: number;
  /** Unpacked. */
  readonly size: number;
  readonly unpacking: Unpacking;
  /** Of each Snappy fragment, its first byte in what is stored; then where the last one ends. */
  readonly starts?: readonly number[];
}

/** A chunk of a column: its values in one row group. */
export interface Chunk {
  readonly file: ParquetFile;
  readonly meta: ColumnMetaData;
  /** For messages: `image.bytes in row group 3`. */
  readonly name: string;
  /** Where the file's footer begins. */
  readonly limit: number;
}

type Header = ReturnType<typeof parquetHeader>;

/** Headers are mostly 30 bytes; with statistics of long values, kilobytes. */
const HEADER_BYTES = [1 << 10, 1 << 17];

/** The pages of a chunk in order, each valid until the next one is asked for. */
export function* pagesOf(chunk: Chunk): Generator<Page> {
  const { start, end } = rangeOf(chunk);
  for (let at = start; at < end; ) {
    const { header, length } = readHeader(chunk, at, end);
    const [body, packed] = [at + length, header.compressed_page_size];
    if (!(packed >= 0 && body + packed <= end))
      throw damaged(chunk, `a page of ${packed} bytes reaches out of it`);
    const page = pageOf(chunk, header, body);
    if (page !== undefined) yield page;
    at = body + packed;
  }
}

function rangeOf(chunk: Chunk): { start: number; end: number } {
  const { meta, limit } = chunk;
  const data = Number(meta.data_page_offset);
  const dictionary = Number(meta.dictionary_page_offset ?? 0);
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = start + Number(meta.total_compressed_size);
  if (start >= 4 && start <= end && end <= limit) return { start, end };
  throw damaged(chunk, `its pages cannot be at ${start}..${end} of ${limit} bytes`);
}

function readHeader(chunk: Chunk, at: number, end: number): { header: Header; length: number } {
  let failure: unknown;
  for (const limit of HEADER_BYTES) {
    const bytes = chunk.file.bytes(at, Math.min(limit, end - at));
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch (cause) {
      failure = cause;
    }
  }
  throw damaged(chunk, `the header of the page at ${at} cannot be read: ${reasonOf(failure)}`, failure);
}

function pageOf(chunk: Chunk, header: Header, offset: number): Page | undefined {
  const kind = kindOf(header);
  if (kind === undefined) return undefined;
  const { count, encoding, levelBytes = 0, repetitionBytes = 0, isPacked, ...rest } = kind;
  if (!(count >= 0 && levelBytes >= repetitionBytes && levelBytes <= header.compressed_page_size))
    throw damaged(chunk, `the header of the page at ${offset} says ${count} values`);
  const stored = chunk.file.bytes(offset, header.compressed_page_size);
  if (header.crc !== undefined && crc32(stored) !== header.crc >>> 0)
    throw damaged(chunk, `the page at ${offset} differs from its checksum`);
  const repetition = stored.subarray(0, repetitionBytes);
  const definition = stored.subarray(repetitionBytes, levelBytes);
  const levels = kind.levelBytes === undefined ? {} : { levels: { repetition, definition } };
  const packed = stored.subarray(levelBytes);
  const size = header.uncompressed_page_size - levelBytes;
  const codec = isPacked ? chunk.meta.codec : 'UNCOMPRESSED';
  const unpacked = unpack({ chunk, codec, packed, size, offset: offset + levelBytes });
  return { ...rest, count, encoding, ...levels, ...unpacked };
}

/** What a header says of the page, whichever version; undefined for one without values. */
function kindOf(header: Header) {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
  const of = (
    type: Page['type'],
    page: { num_values: number; encoding: string },
    levelBytes?: number,
    repetitionBytes?: number,
  ) =>
    ({
      ...{ type, count: page.num_values, encoding: page.encoding },
      ...{ levelBytes, repetitionBytes, isPacked: true },
    }) as const;
  if (header.type === 'DICTIONARY_PAGE' && dictionary) return of('dictionary', dictionary);
  if (header.type === 'DATA_PAGE' && v1) return of('data', v1);
  if (header.type !== 'DATA_PAGE_V2' || !v2) return undefined;
  const repetitionBytes = v2.repetition_levels_byte_length;
  const levelBytes = v2.definition_levels_byte_length + repetitionBytes;
  return { ...of('data', v2, levelBytes, repetitionBytes), isPacked: v2.is_compressed ?? true };
}

interface Packed {
  readonly chunk: Chunk;
  readonly codec: string;
  readonly packed: Buffer;
  readonly size: number;
  readonly offset: number;
}

function unpack({ chunk, codec, packed, size, offset }: Packed) {
  const at = { offset, length: packed.length, size };
  if (codec === 'UNCOMPRESSED') {
    if (size !== packed.length) throw damaged(chunk, `the page at ${offset} says two lengths`);
    return { bytes: packed, stored: { ...at, unpacking: 'none' } } as const;
  }
  // nothing is packed where there are no values
  if (packed.length === 0 && size === 0)
    return { bytes: packed, stored: { ...at, unpacking: 'none' } } as const;
  if (!isPageCodec(codec)) throw chunk.file.refused('UNSUPPORTED_PARQUET', unknownCodec(chunk, codec));
  try {
    if (codec !== 'SNAPPY')
      return { bytes: unpackPage(codec, packed, size), stored: { ...at, unpacking: codec } };
    return unpackSnappy(packed, at, chunk.file);
  } catch (cause) {
    throw damaged(chunk, `the page at ${offset}: ${reasonOf(cause)}`, cause);
  }
}

function unpackSnappy(
  packed: Buffer,
  at: { offset: number; length: number; size: number },
  file: ParquetFile,
) {
  checkSize('SNAPPY', packed.length, at.size);
  const bytes = file.scratch(at.size);
  const first = elementsStart(packed, at.size);
  const starts = unpackElements(packed, first, packed.length, bytes, at.size);
  const unpacking: Unpacking = starts === undefined ? 'SNAPPY' : 'fragments';
  return { bytes, stored: { ...at, unpacking, ...(starts && { starts }) } };
}

const readCodecs: readonly PageCodec[] = ['SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'];

const unknownCodec = ({ name }: Chunk, codec: string): string =>
  `${name} is compressed by ${codec}, which is not read; write it uncompressed or by ${readCodecs.join(', ')}`;

export const damaged = ({ file, name }: Chunk, reason: string, cause?: unknown) =>
  file.damaged(`${name}: ${reason}`, cause);
