import type { RowGroup } from 'hyparquet';
import { NumberColumn } from '../columns/number-column.ts';
import { NumberLists } from '../columns/number-lists.ts';
import { TextColumn } from '../columns/text-column.ts';
import { listsOf, valuesOf } from './column-values.ts';
import { type Column, type ColumnOptions, chooseColumns, type SampleColumns } from './columns.ts';
import { parseFooter, type RawFooter } from './footer.ts';
import type { Chunk } from './pages.ts';
import type { ParquetFile } from './parquet-file.ts';
import { imageBytes, int32s, int64s, texts } from './plain-values.ts';
import { columnNames, ImageColumns, type RowIndex } from './row-index.ts';

/** Reads all of a file's samples once, to know where each is. */
export async function listRows(file: ParquetFile, raw: RawFooter, options: ColumnOptions): Promise<RowIndex> {
  const { metadata, start } = parseFooter(file, raw);
  const columns = chooseColumns(file, metadata, options);
  checkCount(file, metadata.row_groups);
  const [images, labels, names] = [new ImageColumns(), new Labels(file, columns), new Names()];
  for (const [number, group] of metadata.row_groups.entries()) {
    // its columns have no pages, and are said to be at 0
    if (group.num_rows === 0n) continue;
    const chunk = (column: Column) => chunkOf({ file, group, number, column, limit: start });
    for await (const found of valuesOf(chunk(columns.image), columns.image, imageBytes))
      for (const image of found) images.push(image);
    await labels.addChunk(chunk(columns.label), images.length);
    if (columns.name)
      for await (const found of valuesOf(chunk(columns.name), columns.name, texts))
        for (const name of found) names.push(name);
  }
  const { length } = images;
  const all = Object.assign(images, { label: labels.column });
  for (const name of columnNames) all[name].finish();
  labels.lists?.finish();
  return {
    ...all,
    length,
    kind: labels.kind,
    classes: labels.names,
    names: names.finished(length),
    ...(labels.lists && { lists: labels.lists }),
  };
}

/** Names of rows, as long as all have one. */
class Names {
  #column: TextColumn | undefined = new TextColumn();

  push(name: string | undefined): void {
    if (name === undefined || name === '') this.#column = undefined;
    this.#column?.push(name as string);
  }

  finished(rows: number): TextColumn | undefined {
    if (this.#column?.length !== rows) return undefined;
    this.#column.finish();
    return this.#column;
  }
}

/** Runs of one value may say billions of rows in a few bytes, which would fill the memory. Each row should have an image. */
function checkCount(file: ParquetFile, groups: readonly RowGroup[]): void {
  const count = groups.reduce((sum, { num_rows: rows }) => sum + Number(rows), 0);
  if (count >= 0 && count <= file.size) return;
  throw file.refused('TOO_MANY_ROWS', `cannot have images in ${count} rows, as it has ${file.size} bytes`);
}

interface ChunkPlace {
  readonly file: ParquetFile;
  readonly group: RowGroup;
  readonly number: number;
  readonly column: Column;
  readonly limit: number;
}

/** Of a byte: a value of a list takes one or more. */
const BITS = 8;

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
  readonly column = new NumberColumn();
  readonly lists: NumberLists | undefined;
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
    this.lists = label.list && new NumberLists();
  }

  /**
   * Adds the label of each row of a chunk, or the list of those that it has.
   *
   * @param rows how many the file has up to the chunk's end
   */
  async addChunk(chunk: Chunk, rows: number): Promise<void> {
    const { column } = this;
    if (this.lists === undefined) {
      for await (const values of valuesOf<number | string>(chunk, this.#column, this.read))
        for (const one of values) column.push(this.#add(one, column.length));
      return;
    }
    const before = column.length;
    for await (const lists of listsOf<number | string>(chunk, this.#column, this.read))
      for (const list of lists) this.#addList(list, column.length);
    if (column.length === rows) return;
    const [found, expected] = [column.length - before, rows - before];
    throw this.#file.damaged(`${chunk.name} has lists for ${found} rows, expected ${expected}`);
  }

  #addList(list: readonly (number | string)[], row: number): void {
    const numbers = list.map((one) => this.#add(one, row)).filter((one) => one !== -1);
    if (new Set(numbers).size < numbers.length)
      throw this.#invalid(row, `expected each class once, got ${JSON.stringify(list).slice(0, 100)}`);
    this.column.push(numbers[0] ?? -1);
    this.lists?.push(numbers);
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
