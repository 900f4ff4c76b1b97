import { crc32 } from 'node:zlib';
import { NumberColumn } from '../columns/number-column.ts';
import { NumberLists } from '../columns/number-lists.ts';
import { type TextBytes, TextColumn } from '../columns/text-column.ts';
import type { ColumnOptions } from './columns.ts';
import { columnNames, type RowIndex } from './row-index.ts';

/** Of which file an index is, in which state of it, and what it was asked for. */
export interface IndexedFile extends ColumnOptions {
  readonly size: number;
  readonly changed: string;
  readonly footerCrc: number;
}

/** Another version of the format has another number, and is made anew. */
const MAGIC = 'millrace rows 2\n';
const FIXED_BYTES = MAGIC.length + 4;
const CRC_BYTES = 4;

interface Head {
  readonly file: IndexedFile;
  readonly length: number;
  readonly kind: RowIndex['kind'];
  readonly classes: readonly string[];
  /** Of what follows: the columns in the order of `columnNames`, of lists their numbers and ends, of names their starts and bytes. */
  readonly sizes: readonly number[];
  readonly lists?: { readonly numbers: number };
  readonly names?: Pick<TextBytes, 'length' | 'others'>;
}

/**
 * `MAGIC`, the length of a head in JSON as u32, the head with spaces up to a multiple of 8 bytes, the columns one after the other, the
 * CRC-32 of all that: in pieces, since there may be millions of rows.
 */
export function encodeIndex(file: IndexedFile, index: RowIndex): Buffer[] {
  const { length, kind, classes, lists } = index;
  const names = index.names?.toBytes();
  const parts = [
    ...columnNames.map((name) => index[name].toBytes()),
    ...(lists === undefined ? [] : [lists.numbers.toBytes(), lists.ends.toBytes()]),
    ...(names === undefined ? [] : [names.starts, names.bytes]),
  ];
  const head: Head = {
    ...{ file, length, kind, classes, sizes: parts.map((part) => part.length) },
    ...(lists && { lists: { numbers: lists.numbers.length } }),
    ...(names && { names: { length: names.length, others: names.others } }),
  };
  const json = JSON.stringify(head);
  const padding = ' '.repeat((8 - ((FIXED_BYTES + Buffer.byteLength(json)) % 8)) % 8);
  const text = Buffer.from(json + padding);
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.write(MAGIC, 'latin1');
  fixed.writeUInt32LE(text.length, MAGIC.length);
  const content = [fixed, text, ...parts];
  const crc = Buffer.alloc(CRC_BYTES);
  crc.writeUInt32LE(content.reduce((sum, part) => crc32(part, sum), 0));
  return [...content, crc];
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
  const next = (): Buffer => {
    const part = content.subarray(at, at + (left.shift() as number));
    at += part.length;
    return part;
  };
  const columns = Object.fromEntries(columnNames.map((name) => [name, NumberColumn.of(next(), length)]));
  return {
    ...(columns as Record<(typeof columnNames)[number], NumberColumn>),
    ...{ length, kind, classes },
    ...(lists && {
      lists: new NumberLists(NumberColumn.of(next(), lists.numbers), NumberColumn.of(next(), length)),
    }),
    names: names && TextColumn.of({ ...names, starts: next(), bytes: next() }),
  };
}
