import type { RowGroup } from 'hyparquet';
import { unpackings } from './codecs.ts';
import { listsOf, valuesOf } from './column-values.ts';
import { type Column, type ColumnOptions, chooseColumns, type SampleColumns } from './columns.ts';
import { parseFooter, type RawFooter } from './footer.ts';
import type { Chunk } from './pages.ts';
import type { ParquetFile } from './parquet-file.ts';
import { type ImageBytes, imageBytes, int32s, int64s, texts } from './plain-values.ts';
import { type RowIndex, rowColumns } from './row-index.ts';

/** A row, as it is listed. */
interface Row {
  readonly image: ImageBytes | undefined;
  readonly label: number;
}

/** Reads all of a file's samples once, to know where each is. */
export async function listRows(file: ParquetFile, raw: RawFooter, options: ColumnOptions): Promise<RowIndex> {
  const { metadata, start } = parseFooter(file, raw);
  const columns = chooseColumns(file, metadata, options);
  checkCount(file, metadata.row_groups);
  const labels = new Labels(file, columns);
  const [rows, names]: [Row[], (string | undefined)[]] = [[], []];
  const lists: (readonly number[])[] = [];
  for (const [number, group] of metadata.row_groups.entries()) {
    // its columns have no pages, and are said to be at 0
    if (group.num_rows === 0n) continue;
    const chunk = (column: Column) => chunkOf({ file, group, number, column, limit: start });
    const images = await valuesOf(chunk(columns.image), columns.image, imageBytes);
    const found = await labels.ofRows(chunk(columns.label), images.length, rows.length);
    if (columns.name)
      for (const name of await valuesOf(chunk(columns.name), columns.name, texts)) names.push(name);
    for (const [i, image] of images.entries()) {
      const own = found[i] as number | readonly number[];
      if (typeof own !== 'number') lists.push(own);
      rows.push({ image, label: typeof own === 'number' ? own : (own[0] ?? -1) });
    }
  }
  const isNamed = names.length === rows.length && names.every((name) => name !== undefined && name !== '');
  return {
    ...rowColumns(rows.length, (at) => toNumbers(rows[at] as Row)),
    kind: labels.kind,
    classes: labels.names,
    names: isNamed ? (names as string[]) : undefined,
    ...(columns.label.list && { lists }),
  };
}

/** Of a byte: a value of a list takes one or more. */
const BITS = 8;

/** Runs of one value may say billions of rows in a few bytes, which would fill the memory. Each row should have an image. */
function checkCount(file: ParquetFile, groups: readonly RowGroup[]): void {
  const count = groups.reduce((sum, { num_rows: rows }) => sum + Number(rows), 0);
  if (count >= 0 && count <= file.size) return;
  throw file.refused('TOO_MANY_ROWS', `cannot have images in ${count} rows, as it has ${file.size} bytes`);
}

function toNumbers({ image, label }: Row): readonly number[] {
  if (image === undefined) return [0, 0, 0, 0, 0, 0, -1, label];
  const { offset, stored, position, length, crc, pageSize, unpacking } = image;
  return [offset, stored, position, length, crc, pageSize, unpackings.indexOf(unpacking), label];
}

interface ChunkPlace {
  readonly file: ParquetFile;
  readonly group: RowGroup;
  readonly number: number;
  readonly column: Column;
  readonly limit: number;
}

function chunkOf({ file, group, number, column, limit }: ChunkPlace): Chunk {
  const name = `${column.path.join('.')} in row group ${number}`;
  const {
    meta_data: meta,
    file_path: elsewhere,
    crypto_metadata: encryption,
  } = group.columns[column.place] ?? {};
  if (elsewhere) throw file.refused('UNSUPPORTED_PARQUET', `${name} is in another file, ${elsewhere}`);
  if (encryption !== undefined)
    throw file.refused('UNSUPPORTED_PARQUET', `${name} is encrypted, which is not read`);
  if (meta === undefined) throw file.refused('UNSUPPORTED_PARQUET', `${name} is encrypted, or missing`);
  const isWhole = column.isRepeated
    ? meta.num_values <= BITS * file.size
    : meta.num_values === group.num_rows;
  if (meta.type === column.type && isWhole) return { file, meta, name, limit };
  throw file.damaged(`${name} has ${meta.num_values} values of ${meta.type} for ${group.num_rows} rows`);
}

/** One name is kept for each class up to the highest: a number that is no class must not fill the memory. */
const MAX_CLASSES = 1 << 22;

/** The classes of a file's rows: their numbers, or those of their names as they come. */
class Labels {
  readonly kind: RowIndex['kind'];
  readonly names: string[];
  readonly read: typeof int32s | typeof int64s | typeof texts;
  readonly #file: ParquetFile;
  readonly #column: Column;
  readonly #places = new Map<string, number>();
  readonly #count: number;

  constructor(file: ParquetFile, { label, classes }: SampleColumns) {
    this.#file = file;
    this.#column = label;
    this.kind = label.type === 'BYTE_ARRAY' ? 'texts' : classes === undefined ? 'numbers' : 'named';
    this.read = label.type === 'BYTE_ARRAY' ? texts : label.type === 'INT32' ? int32s : int64s;
    this.names = [...(classes ?? [])];
    this.#count = classes?.length ?? MAX_CLASSES;
  }

  /**
   * The label of each row of a chunk, or the list of those that it has.
   *
   * @param first number in the file of the chunk's first row
   */
  async ofRows(chunk: Chunk, rows: number, first: number): Promise<readonly (number | readonly number[])[]> {
    const column = this.#column;
    if (column.list === undefined) {
      const values = await valuesOf<number | string>(chunk, column, this.read);
      return values.map((one, i) => this.#add(one, first + i));
    }
    const lists = await listsOf<number | string>(chunk, column, this.read);
    if (lists.length === rows) return lists.map((list, i) => this.#addList(list, first + i));
    throw this.#file.damaged(`${chunk.name} has lists for ${lists.length} rows, expected ${rows}`);
  }

  #addList(list: readonly (number | string)[], row: number): number[] {
    const numbers = list.map((one) => this.#add(one, row)).filter((one) => one !== -1);
    if (new Set(numbers).size === numbers.length) return numbers;
    throw this.#invalid(row, `expected each class once, got ${JSON.stringify(list).slice(0, 100)}`);
  }

  /** -1, for no class, is what the hub writes into splits whose classes are secret. */
  #add(label: number | string | undefined, row: number): number {
    if (label === undefined || label === -1) return -1;
    if (typeof label === 'string') return this.#placeOf(label, row);
    if (label >= 0 && label < this.#count) return label;
    throw this.#invalid(row, `expected a class of 0..${this.#count - 1}, or -1, got ${label}`);
  }

  #placeOf(name: string, row: number): number {
    const place = this.#places.get(name) ?? this.#places.size;
    if (place < this.#places.size) return place;
    if (name === '') throw this.#invalid(row, 'expected the name of a class, got an empty text');
    if (place === MAX_CLASSES) throw this.#invalid(row, `is of one more than ${MAX_CLASSES} classes`);
    this.#places.set(name, place);
    this.names.push(name);
    return place;
  }

  #invalid(row: number, reason: string) {
    return this.#file.refused('INVALID_CLASS', `row ${row}: ${reason}`);
  }
}
