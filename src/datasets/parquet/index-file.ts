import { crc32 } from 'node:zlib';
import { NumberColumn } from '../columns/number-column.ts';
import { NumberLists } from '../columns/number-lists.ts';
import { TextColumn, type TextParts } from '../columns/text-column.ts';
import type { ColumnOptions } from './columns.ts';
import { columnNames, type RowIndex } from './row-index.ts';

/** Of which file an index is, in which state of it, and what it was asked for. */
export interface IndexedFile extends ColumnOptions {
  readonly size: number;
  readonly changed: string;
  readonly footerCrc: number;
}

/** Another version of the format, or of what is refused, has another number, and is made anew. */
const MAGIC = 'millrace rows 2\n';
const FIXED_BYTES = MAGIC.length + 4;
const CRC_BYTES = 4;

interface Head {
  readonly file: IndexedFile;
  readonly length: number;
  readonly kind: RowIndex['kind'];
  readonly classes: readonly string[];
  /** Bytes of the columns: those of `columnNames`, of lists their numbers and ends, of names their starts. Bytes of names follow. */
  readonly sizes: readonly number[];
  readonly lists?: { readonly numbers: number };
  readonly names?: Pick<TextParts, 'length' | 'others'> & { readonly starts: number };
}

/**
 * `MAGIC`, the length of a head in JSON as u32, the head with spaces up to a multiple of 8 bytes, the columns one after the other, the
 * CRC-32 of all that: in pieces, since there may be millions of rows.
 */
export function* encodeIndex(file: IndexedFile, index: RowIndex): Generator<Buffer> {
  const names = index.names?.parts();
  const columns = [...columnNames.map((name) => index[name]), ...columnsOf(index.lists)];
  if (names !== undefined) columns.push(names.starts);
  let sum = 0;
  const counted = (part: Buffer): Buffer => {
    sum = crc32(part, sum);
    return part;
  };
  yield counted(headOf(file, index, { columns, names }));
  for (const column of columns) for (const bytes of column.toBytes()) yield counted(bytes);
  for (const bytes of names?.bytes ?? []) yield counted(bytes);
  const crc = Buffer.alloc(CRC_BYTES);
  crc.writeUInt32LE(sum);
  yield crc;
}

const columnsOf = (lists: NumberLists | undefined): readonly NumberColumn[] =>
  lists === undefined ? [] : [lists.numbers, lists.ends];

interface Columns {
  readonly columns: readonly NumberColumn[];
  readonly names: TextParts | undefined;
}

function headOf(file: IndexedFile, index: RowIndex, { columns, names }: Columns): Buffer {
  const { length, kind, classes, lists } = index;
  const head: Head = {
    ...{ file, length, kind, classes, sizes: columns.map(({ byteLength }) => byteLength) },
    ...(lists && { lists: { numbers: lists.numbers.length } }),
    ...(names && { names: { length: names.length, others: names.others, starts: names.starts.length } }),
  };
  const json = JSON.stringify(head);
  const padding = ' '.repeat((8 - ((FIXED_BYTES + Buffer.byteLength(json)) % 8)) % 8);
  const bytes = Buffer.from(`${MAGIC}    ${json}${padding}`);
  bytes.writeUInt32LE(bytes.length - FIXED_BYTES, MAGIC.length);
  return bytes;
}

/** The index in these bytes, which it keeps; undefined where it is damaged, of another version, or of another file or state of it. */
export function decodeIndex(bytes: Buffer, file: IndexedFile): RowIndex | undefined {
  const end = bytes.length - CRC_BYTES;
  if (end < FIXED_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return undefined;
  const start = FIXED_BYTES + bytes.readUInt32LE(MAGIC.length);
  const head = JSON.parse(bytes.toString('utf8', FIXED_BYTES, start)) as Head;
  if (JSON.stringify(head.file) !== JSON.stringify(file)) return undefined;
  return indexOf(head, bytes.subarray(start, end));
}

function indexOf({ length, kind, classes, sizes, lists, names }: Head, content: Buffer): RowIndex {
  const left = [...sizes];
  let at = 0;
  const next = (count: number): NumberColumn => {
    const bytes = content.subarray(at, at + (left.shift() as number));
    at += bytes.length;
    return NumberColumn.of(bytes, count);
  };
  const columns = Object.fromEntries(columnNames.map((name) => [name, next(length)]));
  return {
    ...(columns as Record<(typeof columnNames)[number], NumberColumn>),
    ...{ length, kind, classes },
    ...(lists && { lists: new NumberLists(next(lists.numbers), next(length)) }),
    names: names && TextColumn.of({ ...names, starts: next(names.starts), bytes: [content.subarray(at)] }),
  };
}
