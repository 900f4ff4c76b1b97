import { crc32 } from 'node:zlib';
import type { ColumnOptions } from './columns.ts';
import { columnTypes, type RowIndex } from './row-index.ts';

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
  readonly names?: readonly string[];
  readonly lists?: RowIndex['lists'];
}

/** `MAGIC`, the length of a head in JSON as u32, the head, the columns one after the other, the CRC-32 of all that. */
export function encodeIndex(file: IndexedFile, index: RowIndex): Buffer {
  const { length, kind, classes, names, lists } = index;
  const head: Head = { file, length, kind, classes, ...(names && { names }), ...(lists && { lists }) };
  const json = Buffer.from(JSON.stringify(head));
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.write(MAGIC, 'latin1');
  fixed.writeUInt32LE(json.length, MAGIC.length);
  const columns = columnNames.map((name) => {
    const { buffer, byteOffset, byteLength } = index[name];
    return Buffer.from(buffer, byteOffset, byteLength);
  });
  const content = Buffer.concat([fixed, json, ...columns]);
  const crc = Buffer.alloc(CRC_BYTES);
  crc.writeUInt32LE(crc32(content));
  return Buffer.concat([content, crc]);
}

/** The index in these bytes; undefined where it is damaged, of another version, or of another file or state of it. */
export function decodeIndex(bytes: Buffer, file: IndexedFile): RowIndex | undefined {
  const end = bytes.length - CRC_BYTES;
  if (end < FIXED_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return undefined;
  const start = FIXED_BYTES + bytes.readUInt32LE(MAGIC.length);
  const head = JSON.parse(bytes.toString('utf8', FIXED_BYTES, start)) as Head;
  if (JSON.stringify(head.file) !== JSON.stringify(file)) return undefined;
  const { length, kind, classes, names, lists } = head;
  return { ...columnsAt(bytes, start, length), kind, classes, names, ...(lists && { lists }) };
}

const columnNames = Object.keys(columnTypes) as (keyof typeof columnTypes)[];

function columnsAt(bytes: Buffer, start: number, length: number) {
  let at = start;
  const columns = columnNames.map((name) => {
    const Type = columnTypes[name];
    const column = new Type(length);
    at += bytes.copy(new Uint8Array(column.buffer), 0, at, at + column.byteLength);
    return [name, column] as const;
  });
  return { length, ...Object.fromEntries(columns) } as unknown as RowIndex;
}
