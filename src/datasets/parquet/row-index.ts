/** Columns of a file's rows: 33 bytes each. */
export interface RowColumns {
  readonly length: number;
  /** In the file: of what must be read for the image. */
  readonly offset: Float64Array;
  readonly stored: Uint32Array;
  /** Of the image, in what that unpacks to. */
  readonly position: Uint32Array;
  readonly bytes: Uint32Array;
  readonly crc: Uint32Array;
  /** Of a page that must be unpacked whole, its size then. */
  readonly pageSize: Uint32Array;
  /** A number of `unpackings`; -1 where there is no image. */
  readonly unpacking: Int8Array;
  readonly label: Int32Array;
}

/** What is known of a file when it has been listed. */
export interface RowIndex extends RowColumns {
  /** What the file's labels are: texts, numbers, or numbers with names. */
  readonly kind: 'texts' | 'numbers' | 'named';
  /** Of texts, in the order in which they came. */
  readonly classes: readonly string[];
  /** Of a column of lists, those of each row, as the file has them; `label` is then the first. */
  readonly lists?: readonly (readonly number[])[];
  /** Of the images, where all have one. */
  readonly names: readonly string[] | undefined;
}

/** In the order in which they are kept. */
export const columnTypes = {
  offset: Float64Array,
  stored: Uint32Array,
  position: Uint32Array,
  bytes: Uint32Array,
  crc: Uint32Array,
  pageSize: Uint32Array,
  unpacking: Int8Array,
  label: Int32Array,
} as const;

/** Columns of rows whose numbers come in the order of `columnTypes`. */
export function rowColumns(length: number, numbersAt: (row: number) => readonly number[]): RowColumns {
  const columns = Object.entries(columnTypes).map(([name, Type]) => [name, new Type(length)] as const);
  for (let row = 0; row < length; row++)
    for (const [place, number] of numbersAt(row).entries())
      (columns[place] as (typeof columns)[number])[1][row] = number;
  return { length, ...Object.fromEntries(columns) } as unknown as RowColumns;
}
